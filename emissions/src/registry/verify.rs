//! Checks that need the whole registry; no I/O.

use std::collections::BTreeMap;

use super::{Registry, ViolationCode, Violations};
use crate::{
    event::{EventDescriptor, GateRule},
    listener::{ListenerDescriptor, ListensTo, NamePattern, Role},
};

/// Crates named in `link!`, sorted.
#[derive(Debug, Default)]
pub(crate) struct Links;

impl Links {
    pub(crate) fn collect() -> Self {
        Self
    }
}

pub(super) fn verify(registry: &Registry) -> Violations {
    let mut violations = Violations::default();
    shared_wire_names(registry, &mut violations);
    shared_listener_ids(registry, &mut violations);
    listeners_of_unknown_events(registry, &mut violations);
    patterns(registry, &mut violations);
    for event in registry.events() {
        let listeners: Vec<_> = registry.listeners_of(event).collect();
        too_few_gate_listeners(event, &listeners, &mut violations);
        if let Err(found) = order_of_listeners(event, &listeners) {
            violations.extend(found);
        }
    }
    let _ = &registry.links;
    violations
}

fn shared_wire_names(registry: &Registry, violations: &mut Violations) {
    let mut by_name: BTreeMap<(&str, u32), Vec<&EventDescriptor>> = BTreeMap::new();
    for event in registry.events() {
        by_name.entry((event.name, event.version)).or_default().push(event);
    }
    for events in by_name.values().filter(|events| events.len() > 1) {
        violations.add(
            ViolationCode::SharedWireName,
            events.iter().map(|event| event.location),
            format!("{} events are called `{}`", events.len(), events[0].wire_type()),
            "rename one, or give it another `version`",
        );
    }
}

fn shared_listener_ids(registry: &Registry, violations: &mut Violations) {
    let mut by_id: BTreeMap<&str, Vec<&ListenerDescriptor>> = BTreeMap::new();
    for listener in registry.listeners() {
        by_id.entry(listener.id()).or_default().push(listener);
    }
    for (id, listeners) in by_id.into_iter().filter(|(_, listeners)| listeners.len() > 1) {
        violations.add(
            ViolationCode::SharedListenerId,
            listeners.iter().map(|listener| listener.location),
            format!("{} listeners have the identity `{id}`", listeners.len()),
            "give one of them another one: `#[on_event(id = \"…\")]`",
        );
    }
}

fn listeners_of_unknown_events(registry: &Registry, violations: &mut Violations) {
    for listener in registry.listeners() {
        if let ListensTo::Event(descriptor) = listener.listens_to
            && !registry.events().iter().any(|event| (event.type_id)() == (descriptor().type_id)())
        {
            violations.add(
                ViolationCode::UnregisteredEvent,
                [listener.location],
                format!("`{}` listens to `{}`, which is not registered", listener.id(), descriptor().rust_path),
                "declare the event with `#[event(name = \"…\")]` instead of implementing `Event` by hand",
            );
        }
    }
}

fn patterns(registry: &Registry, violations: &mut Violations) {
    for listener in registry.listeners() {
        if let ListensTo::Pattern(pattern) = listener.listens_to
            && let Err(error) = NamePattern::parse(pattern)
        {
            violations.add(
                ViolationCode::InvalidPattern,
                [listener.location],
                error.to_string(),
                "mend the `name` of the listener",
            );
        }
    }
}

fn too_few_gate_listeners(event: &EventDescriptor, listeners: &[&ListenerDescriptor], violations: &mut Violations) {
    let found = listeners.iter().filter(|listener| listener.role == Role::Gate).count();
    // One is what every event asks for, and its lack is the emit's error; more is a promise made in the source.
    if let GateRule::AtLeast(least) = event.gate
        && least > 1
        && found < least as usize
    {
        violations.add(
            ViolationCode::TooFewGateListeners,
            [event.location],
            format!("`{}` asks for {least} gate listeners and has {found}", event.wire_type()),
            "link the crates that have them (`emissions::link!`), or lower `gate(min = …)`",
        );
    }
}

/// The order in which the listeners of one event start: by identity, but each behind those it comes
/// after. The second list has, per listener, the positions of those that go first.
pub(crate) fn order_of_listeners(
    event: &EventDescriptor,
    listeners: &[&'static ListenerDescriptor],
) -> Result<(Vec<&'static ListenerDescriptor>, Vec<Vec<usize>>), Violations> {
    let mut violations = Violations::default();
    let before = |listener: &ListenerDescriptor, violations: &mut Violations| -> Vec<&'static str> {
        let mut ids = Vec::new();
        for function in listener.after {
            let found = listeners.iter().find(|other| (other.function)() == function());
            match found {
                Some(other) if other.role == listener.role => ids.push(other.id()),
                Some(other) => violations.add(
                    ViolationCode::AfterStranger,
                    [listener.location, other.location],
                    format!("`{}` comes after `{}`, which has another role", listener.id(), other.id()),
                    "make both of them observers, or neither",
                ),
                None => violations.add(
                    ViolationCode::AfterStranger,
                    [listener.location],
                    format!(
                        "`{}` comes after `{}`, which does not listen to `{}`",
                        listener.id(),
                        function(),
                        event.wire_type()
                    ),
                    "name a listener of the same event",
                ),
            }
        }
        ids
    };
    let mut waiting: Vec<_> = listeners.iter().map(|&listener| (listener, before(listener, &mut violations))).collect();
    let mut ordered: Vec<&'static ListenerDescriptor> = Vec::new();
    let mut after: Vec<Vec<usize>> = Vec::new();
    loop {
        let position = |id: &str| ordered.iter().position(|listener: &&ListenerDescriptor| listener.id() == id);
        let ready = waiting.iter().position(|(_, before)| before.iter().all(|id| position(id).is_some()));
        let Some(ready) = ready else { break };
        let (listener, before) = waiting.remove(ready);
        after.push(before.iter().filter_map(|id| position(id)).collect());
        ordered.push(listener);
    }
    if !waiting.is_empty() {
        let ids: Vec<_> = waiting.iter().map(|(listener, _)| format!("`{}`", listener.id())).collect();
        violations.add(
            ViolationCode::AfterCycle,
            waiting.iter().map(|(listener, _)| listener.location),
            format!("listeners of `{}` come after each other in a circle: {}", event.wire_type(), ids.join(", ")),
            "take one `after` out",
        );
    }
    violations.into_result().map(|()| (ordered, after))
}
