//! Two events under one name and version: a reader could not tell them apart.

use std::collections::BTreeMap;

use crate::{
    event::EventDescriptor,
    registry::{Place, Registry, ViolationCode, Violations},
};

pub(super) fn check(registry: &Registry, violations: &mut Violations) {
    let mut by_name: BTreeMap<(&str, u32), Vec<&EventDescriptor>> = BTreeMap::new();
    for event in registry.events() {
        by_name.entry((event.name, event.version)).or_default().push(event);
    }
    for ((name, version), events) in by_name.into_iter().filter(|(_, events)| events.len() > 1) {
        let newest = registry.events().iter().filter(|event| event.name == name).map(|event| event.version).max();
        let next = newest.unwrap_or(version).saturating_add(1);
        violations.add(
            ViolationCode::SharedWireName,
            events.iter().map(|event| Place::new(event.location, format!("`{}`", event.rust_path))),
            format!("{} events are called `{name}` in version {version}", events.len()),
            format!("give one of them another `name`, or, if it is a new shape of the other, `version = {next}`"),
        );
    }
}
