//! `hidden_spawn`: a spawn function is passed as a value or hidden in the tokens of a macro.

use super::Rule;

pub(crate) const RULE: Rule =
    Rule { name: "hidden_spawn", summary: "a spawn function is passed as a value or hidden in the tokens of a macro" };
