//! An event that asks for more gate listeners than there are.

use crate::{
    event::GateRule,
    listener::Role,
    registry::{Place, Registry, ViolationCode, Violations},
};

pub(super) fn check(registry: &Registry, violations: &mut Violations) {
    for event in registry.events() {
        // One is what every event asks for, and its lack is the emit's error; more is a promise made in the source.
        let GateRule::AtLeast(least @ 2..) = event.gate else { continue };
        let holders: Vec<_> = registry.listeners_of(event).filter(|listener| listener.role == Role::Gate).collect();
        if holders.len() >= least as usize {
            continue;
        }
        let event_place = Place::new(event.location, format!("`gate(min = {least})`"));
        let holder_places =
            holders.iter().map(|holder| Place::new(holder.location, format!("`{}` holds the gate", holder.id())));
        violations.add(
            ViolationCode::TooFewGateListeners,
            [event_place].into_iter().chain(holder_places),
            format!("`{}` asks for {least} gate listeners and has {}", event.wire_type(), holders.len()),
            "name the crates that have the others in `emissions::link!(…)`, take `observer` from one of its listeners,\n\
             or lower `gate(min = …)`",
        );
    }
}
