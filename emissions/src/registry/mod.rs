//! Everything the linker kept: events and listeners, in an order of our own.

mod verify;
mod violation;

use std::sync::{Arc, OnceLock};

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
#[derive(Clone, Debug)]
pub struct Registry {
    events: Arc<[&'static EventDescriptor]>,
    listeners: Arc<[&'static ListenerDescriptor]>,
    links: Arc<Links>,
}

impl Registry {
    /// Collects what is linked into the program; the same at every call.
    pub fn collect() -> Self {
        static COLLECTED: OnceLock<Registry> = OnceLock::new();
        let collect = || {
            let mut events: Vec<&EventDescriptor> = inventory::iter::<&'static EventDescriptor>().copied().collect();
            events.sort_by_key(|event| (event.name, event.version, event.rust_path, event.location));
            for (position, event) in events.iter().enumerate() {
                event.slot.assign(position);
            }
            let mut listeners: Vec<&ListenerDescriptor> =
                inventory::iter::<&'static ListenerDescriptor>().copied().collect();
            listeners.sort_by_key(|listener| (listener.id(), listener.location));
            Registry { events: events.into(), listeners: listeners.into(), links: Arc::new(Links::collect()) }
        };
        COLLECTED.get_or_init(collect).clone()
    }

    /// The part of it that one module declares, with the events its listeners listen to: for tests
    /// of one part of a program. `module` is what `module_path!()` gives there.
    #[must_use]
    pub fn within(&self, module: &str) -> Self {
        let inside = |path: &str| path.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"));
        let listeners: Arc<[_]> =
            self.listeners.iter().copied().filter(|listener| inside((listener.function)())).collect();
        let heard = |event: &EventDescriptor| {
            listeners.iter().any(|listener| match listener.listens_to {
                ListensTo::Event(descriptor) => (descriptor().type_id)() == (event.type_id)(),
                ListensTo::Pattern(_) => false,
            })
        };
        let events = self.events.iter().copied().filter(|event| inside(event.rust_path) || heard(event)).collect();
        Self { events, listeners, links: Arc::new(Links) }
    }

    /// Every event, sorted by name, version and path.
    pub fn events(&self) -> &[&'static EventDescriptor] {
        &self.events
    }

    /// Every listener, sorted by identity.
    pub fn listeners(&self) -> &[&'static ListenerDescriptor] {
        &self.listeners
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
