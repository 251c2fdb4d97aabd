//! A pattern that no name can match.

use crate::{
    listener::{ListensTo, NamePattern},
    registry::{Registry, ViolationCode, Violations},
};

pub(super) fn check(registry: &Registry, violations: &mut Violations) {
    for listener in registry.listeners() {
        if let ListensTo::Pattern(pattern) = listener.listens_to
            && let Err(error) = NamePattern::parse(pattern)
        {
            violations.add(
                ViolationCode::InvalidPattern,
                [listener.location],
                error.to_string(),
                "write segments joined by dots, `*` for one of them, `**` for any number: `name = \"contact.**\"`",
            );
        }
    }
}
