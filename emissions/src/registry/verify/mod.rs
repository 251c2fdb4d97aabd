//! Checks that need the whole registry: one file each, no I/O.

mod fields;
mod gates;
mod links;
mod listener_ids;
pub(crate) mod order;
mod patterns;
mod unregistered;
mod wire_names;

#[cfg(test)]
mod tests;

use super::{Registry, Violations};

pub(super) fn verify(registry: &Registry) -> Violations {
    let mut violations = Violations::default();
    wire_names::check(registry, &mut violations);
    listener_ids::check(registry, &mut violations);
    unregistered::check(registry, &mut violations);
    order::check(registry, &mut violations);
    gates::check(registry, &mut violations);
    links::check(registry, &mut violations);
    fields::check(registry, &mut violations);
    patterns::check(registry, &mut violations);
    violations
}
