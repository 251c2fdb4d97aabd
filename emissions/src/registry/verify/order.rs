//! `after`: who is waited for has to hear the same event in the same role, and nobody waits for himself.

use crate::{
    event::EventDescriptor,
    listener::{ListenerDescriptor, Role},
    registry::{Place, Registry, ViolationCode, Violations},
};

pub(super) fn check(registry: &Registry, violations: &mut Violations) {
    for listener in registry.listeners() {
        for function in listener.after {
            strangers(registry, listener, function(), violations);
        }
    }
    cycles(registry, violations);
}

fn strangers(registry: &Registry, listener: &'static ListenerDescriptor, function: &str, violations: &mut Violations) {
    // A part of a program may wait for listeners outside of it, which are not called then.
    let Some(other) = registry.whole.listeners.iter().find(|other| (other.function)() == function) else {
        violations.add(
            ViolationCode::AfterStranger,
            [listener.location],
            format!("`{}` comes after `{function}`, which is no listener", listener.id()),
            "put `#[on_event]` on it, or name a listener of the same event",
        );
        return;
    };
    let places = [Place::new(listener.location, "`after` stands here"), Place::new(other.location, describe(other))];
    if !registry.whole.events.iter().any(|event| both_hear(listener, other, event)) {
        violations.add(
            ViolationCode::AfterStranger,
            places,
            format!("`{}` comes after `{}`, and no event reaches both", listener.id(), other.id()),
            format!("name a listener of `{}`, or take `after` out", listener.listens_to),
        );
    } else if other.role != listener.role {
        violations.add(
            ViolationCode::AfterStranger,
            places,
            format!("`{}` comes after `{}`, and only one of them is an observer", listener.id(), other.id()),
            "make both of them observers, or neither",
        );
    }
}

fn describe(listener: &ListenerDescriptor) -> String {
    let article = if listener.role == Role::Observer { "an" } else { "a" };
    format!("{article} {} listener of `{}`", listener.role, listener.listens_to)
}

fn both_hear(one: &ListenerDescriptor, other: &ListenerDescriptor, event: &EventDescriptor) -> bool {
    one.listens_to.matches(event) && other.listens_to.matches(event)
}

/// Reports each circle once, from its first listener on; those that only wait for a circle are no part of it.
fn cycles(registry: &Registry, violations: &mut Violations) {
    let mut left: Vec<&ListenerDescriptor> = registry.listeners().to_vec();
    loop {
        loop {
            let free = left.iter().position(|listener| waits_for(listener, &left).is_none());
            let Some(free) = free else { break };
            left.remove(free);
        }
        let Some(&first) = left.first() else { return };
        let mut path: Vec<&ListenerDescriptor> = vec![first];
        let circle = loop {
            // Everybody left waits for somebody left, so there is always a next one.
            let Some(next) = path.last().and_then(|last| waits_for(last, &left)) else { return };
            if let Some(start) = path.iter().position(|known| std::ptr::eq(*known, next)) {
                break path.split_off(start);
            }
            path.push(next);
        };
        report(circle.clone(), violations);
        left.retain(|listener| !circle.iter().any(|known| std::ptr::eq(*known, *listener)));
    }
}

fn waits_for(
    listener: &ListenerDescriptor,
    among: &[&'static ListenerDescriptor],
) -> Option<&'static ListenerDescriptor> {
    among.iter().copied().find(|other| listener.after.iter().any(|function| function() == (other.function)()))
}

fn report(mut circle: Vec<&'static ListenerDescriptor>, violations: &mut Violations) {
    let first = (0..circle.len()).min_by_key(|&position| circle[position].id()).unwrap_or(0);
    circle.rotate_left(first);
    let mut ids: Vec<_> = circle.iter().map(|listener| format!("`{}`", listener.id())).collect();
    let fact = if let [only] = ids.as_slice() {
        format!("{only} comes after itself")
    } else {
        ids.push(ids[0].clone());
        format!("listeners wait for each other in a circle: {}", ids.join(" after "))
    };
    let places: Vec<_> = circle.iter().map(|listener| listener.location).collect();
    violations.add(ViolationCode::AfterCycle, places, fact, "take one `after` out");
}

/// The order in which the listeners of one event start: by identity, but each behind those it comes
/// after. The second list has, per listener, the positions of those that go first.
///
/// Listeners of a circle are left out: `verify` has reported them, and nothing starts.
pub(crate) fn order_of_listeners(
    listeners: &[&'static ListenerDescriptor],
) -> (Vec<&'static ListenerDescriptor>, Vec<Vec<usize>>) {
    let before = |listener: &ListenerDescriptor| -> Vec<&'static ListenerDescriptor> {
        let named = |other: &&&'static ListenerDescriptor| {
            other.role == listener.role && listener.after.iter().any(|function| function() == (other.function)())
        };
        listeners.iter().filter(named).copied().collect()
    };
    let mut waiting: Vec<_> = listeners.iter().map(|&listener| (listener, before(listener))).collect();
    let mut ordered: Vec<&'static ListenerDescriptor> = Vec::new();
    let mut after: Vec<Vec<usize>> = Vec::new();
    loop {
        let position = |wanted: &ListenerDescriptor| ordered.iter().position(|known| std::ptr::eq(*known, wanted));
        let ready = waiting.iter().position(|(_, before)| before.iter().all(|other| position(other).is_some()));
        let Some(ready) = ready else { break };
        let (listener, before) = waiting.remove(ready);
        after.push(before.iter().filter_map(|other| position(other)).collect());
        ordered.push(listener);
    }
    (ordered, after)
}
