//! Everything the linker kept: events and listeners, in an order of our own.

mod verify;
mod violation;

use std::sync::OnceLock;

pub use self::violation::{Violation, ViolationCode, Violations};
use crate::event::EventDescriptor;
pub use crate::listener::{
    ArgumentDescriptor, Backoff, ListenerDescriptor, ListensTo, NamePattern, OptOutDescriptor, OptOutKind, RetryRule,
    Role,
};

pub(crate) use self::verify::{Links, order_of_listeners};

/// Every event and listener that is linked into the program.
///
/// Sorted by stable keys (events by name, version and path; listeners by identity and place), so
/// that it does not depend on the linker; a clone costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Registry {
    events: &'static [&'static EventDescriptor],
    listeners: &'static [&'static ListenerDescriptor],
    links: &'static Links,
}

impl Registry {
    /// Collects what is linked into the program; the same at every call.
    pub fn collect() -> Self {
        static COLLECTED: OnceLock<(Vec<&EventDescriptor>, Vec<&ListenerDescriptor>, Links)> = OnceLock::new();
        let (events, listeners, links) = COLLECTED.get_or_init(|| {
            let mut events: Vec<&EventDescriptor> = inventory::iter::<&'static EventDescriptor>().copied().collect();
            events.sort_by_key(|event| (event.name, event.version, event.rust_path, event.location));
            for (position, event) in events.iter().enumerate() {
                event.slot.assign(position);
            }
            let mut listeners: Vec<&ListenerDescriptor> =
                inventory::iter::<&'static ListenerDescriptor>().copied().collect();
            listeners.sort_by_key(|listener| (listener.id(), listener.location));
            (events, listeners, Links::collect())
        });
        Self { events, listeners, links }
    }

    /// Every event, sorted by name, version and path.
    pub fn events(&self) -> &'static [&'static EventDescriptor] {
        self.events
    }

    /// Every listener, sorted by identity.
    pub fn listeners(&self) -> &'static [&'static ListenerDescriptor] {
        self.listeners
    }

    /// The listeners an event reaches, sorted by identity.
    pub fn listeners_of(&self, event: &EventDescriptor) -> impl Iterator<Item = &'static ListenerDescriptor> {
        self.listeners.iter().copied().filter(|listener| listener.listens_to.matches(event))
    }

    /// Checks what only the whole can show: names, identities, order, linked crates.
    ///
    /// # Errors
    ///
    /// Every problem at once, sorted.
    pub fn verify(&self) -> Result<(), Violations> {
        verify::verify(self).into_result()
    }
}
