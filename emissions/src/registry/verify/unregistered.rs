//! A listener of an event that nobody registered: it would never be called.

use crate::{
    listener::ListensTo,
    registry::{Place, Registry, ViolationCode, Violations},
};

pub(super) fn check(registry: &Registry, violations: &mut Violations) {
    for listener in registry.listeners() {
        let ListensTo::Event(descriptor) = listener.listens_to else { continue };
        let event = descriptor();
        if registry.events().iter().any(|known| (known.type_id)() == (event.type_id)()) {
            continue;
        }
        violations.add(
            ViolationCode::UnregisteredEvent,
            [
                Place::new(listener.location, format!("`{}` listens to it", listener.id())),
                Place::new(event.location, "the event is described here"),
            ],
            format!("`{}` has a listener and is not registered as an event", event.rust_path),
            format!(
                "declare it with `#[event(name = \"{}\")]`, and take the `impl Event` written by hand out",
                event.name
            ),
        );
    }
}
