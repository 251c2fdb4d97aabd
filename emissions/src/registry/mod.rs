//! Everything the linker kept, and whether it fits together.
//!
//! [`Registry::collect`] is every event and listener that is linked into the program.
//! [`Registry::verify`] checks what no single event can show: names that two events use differently,
//! listeners without an event, an order nobody can keep, crates that were lost by the linker.
//! `Builder::start` runs it; a test of one line does so too, without any dependency provided:
//!
//! ```
//! # #[cfg(feature = "testing")]
//! # fn in_a_test() {
//! emissions::testing::assert_registry_sound!();
//! # }
//! ```
//!
//! Everything that is wrong is reported at once, each with a code, the places, the fix, and the
//! path of its page in [`codes`]:
//!
//! ```text
//! 2 violations
//!
//! EM0007: `billing` is named in `link!` and contributed neither an event nor a listener
//!   at src/main.rs:5:1
//!   fix: one of these; crates that contributed: `contacts`, `shop-events`
//!        - its listeners live in another crate or behind a feature: name that crate, or turn the feature on
//!        - the linker dropped it all the same: add `use billing as _;` to the root of the binary
//!        - the dependency is renamed in `Cargo.toml`: write `link!(billing = "its-package")`
//!   see: emissions::registry::codes::em0007
//!
//! EM0012: `order_id` has 2 meanings
//!   at shop/src/orders.rs:6:5: "Order as the shop numbers them." in `order.created.v1`
//!   at depot/src/packing.rs:12:5: "Order as the warehouse numbers them." in `order.packed.v1`
//!   fix: if it is the same thing, say so once: `#[shared_field(name = "order_id")] pub struct OrderId(u64);`,
//!        and use that type in all of them (or the same doc text); if not, give them different names
//!   see: emissions::registry::codes::em0012
//! ```

pub mod codes;
mod link;
mod listing;
mod verify;
mod violation;

use std::sync::{Arc, OnceLock};

pub use self::{
    codes::ViolationCode,
    link::LinkDescriptor,
    violation::{Place, Violation, Violations},
};
use crate::event::EventDescriptor;
pub use crate::listener::{
    ArgumentDescriptor, Backoff, ListenerDescriptor, ListensTo, NamePattern, OptOutDescriptor, OptOutKind, RetryRule,
    Role,
};

pub(crate) use self::verify::order::order_of_listeners;
pub(crate) use self::violation::NOWHERE;

/// Every event and listener that is linked into the program.
///
/// Sorted by stable keys (events by name, version and path; listeners by identity and place), so
/// that it does not depend on the linker; a clone costs nothing. `Display` lists it, a line for
/// each event and listener.
#[derive(Clone)]
pub struct Registry {
    events: Arc<[&'static EventDescriptor]>,
    listeners: Arc<[&'static ListenerDescriptor]>,
    links: Arc<[&'static LinkDescriptor]>,
    /// What it is a part of: a part is judged by what it has, in knowledge of what there is.
    whole: Arc<Whole>,
}

/// Everything that was collected.
struct Whole {
    events: Arc<[&'static EventDescriptor]>,
    listeners: Arc<[&'static ListenerDescriptor]>,
}

impl Registry {
    /// Collects what is linked into the program; the same at every call.
    pub fn collect() -> Self {
        static COLLECTED: OnceLock<Registry> = OnceLock::new();
        let collect = || {
            let registry = Self::of(
                inventory::iter::<&'static EventDescriptor>().copied().collect(),
                inventory::iter::<&'static ListenerDescriptor>().copied().collect(),
                inventory::iter::<&'static LinkDescriptor>().copied().collect(),
            );
            for (position, event) in registry.events.iter().enumerate() {
                event.slot.assign(position);
            }
            registry
        };
        COLLECTED.get_or_init(collect).clone()
    }

    /// Puts what was found, in whatever order, into ours.
    fn of(
        mut events: Vec<&'static EventDescriptor>,
        mut listeners: Vec<&'static ListenerDescriptor>,
        mut links: Vec<&'static LinkDescriptor>,
    ) -> Self {
        events.sort_by_key(|event| (event.name, event.version, event.rust_path, event.location, event.crate_name));
        listeners.sort_by_key(|listener| (listener.id(), listener.location, listener.crate_name));
        links.sort_by_key(|link| (link.name, link.package, link.location));
        let whole = Whole { events: events.into(), listeners: listeners.into() };
        Self {
            events: Arc::clone(&whole.events),
            listeners: Arc::clone(&whole.listeners),
            links: links.into(),
            whole: Arc::new(whole),
        }
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
        let links = self.links.iter().copied().filter(|link| link.module == module || inside(link.module)).collect();
        Self { events, listeners, links, whole: Arc::clone(&self.whole) }
    }

    /// Every event, sorted by name, version and path.
    pub fn events(&self) -> &[&'static EventDescriptor] {
        &self.events
    }

    /// Every listener, sorted by identity.
    pub fn listeners(&self) -> &[&'static ListenerDescriptor] {
        &self.listeners
    }

    /// Every crate named in [`link!`](crate::link), sorted by name.
    pub fn links(&self) -> &[&'static LinkDescriptor] {
        &self.links
    }

    /// The listeners an event reaches, sorted by identity.
    pub fn listeners_of(&self, event: &EventDescriptor) -> impl Iterator<Item = &'static ListenerDescriptor> {
        self.listeners.iter().copied().filter(|listener| listener.listens_to.matches(event))
    }

    /// Checks what only the whole can show: names, identities, order, linked crates.
    ///
    /// No I/O, and nothing is started. Dependencies and settings are known to the builder only, so
    /// they are checked by `start`.
    ///
    /// # Errors
    ///
    /// Every problem at once, sorted; see [`codes`] for all there can be.
    pub fn verify(&self) -> Result<(), Violations> {
        verify::verify(self).into_result()
    }
}
