//! `raced_handle`: a join handle is given to `select!` by value.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule = Rule { name: "raced_handle", summary: "a join handle is given to `select!` by value" };

pub(crate) const RACED_HANDLE: Verdict = Verdict { rule: &RULE, name: "RacedHandle" };
