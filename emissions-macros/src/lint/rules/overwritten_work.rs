//! `overwritten_work`: a pending local is replaced, shadowed, cleared or cut before it is awaited.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule = Rule {
    name: "overwritten_work",
    summary: "a pending local is replaced, shadowed, cleared or cut before it is awaited",
};

pub(crate) const OVERWRITTEN_WORK: Verdict = Verdict { rule: &RULE, name: "OverwrittenWork" };
