//! `detach_without_reason`: `detach` has an empty reason, or one that is no literal.

use super::Rule;

pub(crate) const RULE: Rule =
    Rule { name: "detach_without_reason", summary: "`detach` has an empty reason, or one that is no literal" };
