//! `opaque_macro`: work is given to a macro that nobody named in `awaits`.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule =
    Rule { name: "opaque_macro", summary: "work is given to a macro that nobody named in `awaits`" };

pub(crate) const OPAQUE_MACRO: Verdict = Verdict { rule: &RULE, name: "OpaqueMacro" };
