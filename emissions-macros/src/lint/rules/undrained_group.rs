//! `undrained_group`: a group of pending work is never drained, or drained in part.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule =
    Rule { name: "undrained_group", summary: "a group of pending work is never drained, or drained in part" };

pub(crate) const UNDRAINED_GROUP: Verdict = Verdict { rule: &RULE, name: "UndrainedGroup" };

pub(crate) const HALF_DRAINED: Verdict = Verdict { rule: &RULE, name: "HalfDrained" };

pub(crate) const CUT_SHORT: Verdict = Verdict { rule: &RULE, name: "CutShort" };
