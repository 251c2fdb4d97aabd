//! Two listeners under one identity: reports, retries and records could not tell them apart.

use std::collections::BTreeMap;

use crate::{
    listener::ListenerDescriptor,
    registry::{Place, Registry, ViolationCode, Violations},
};

pub(super) fn check(registry: &Registry, violations: &mut Violations) {
    let mut by_id: BTreeMap<&str, Vec<&ListenerDescriptor>> = BTreeMap::new();
    for listener in registry.listeners() {
        by_id.entry(listener.id()).or_default().push(listener);
    }
    for (id, listeners) in by_id.into_iter().filter(|(_, listeners)| listeners.len() > 1) {
        let place = |listener: &&ListenerDescriptor| {
            Place::new(listener.location, format!("`{}` listens to `{}`", (listener.function)(), listener.listens_to))
        };
        violations.add(
            ViolationCode::SharedListenerId,
            listeners.iter().map(place),
            format!("{} listeners have the identity `{id}`", listeners.len()),
            "give one of them an identity of its own: `#[on_event(id = \"…\")]`",
        );
    }
}
