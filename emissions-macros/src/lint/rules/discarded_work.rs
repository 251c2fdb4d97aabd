//! `discarded_work`: pending work is dropped where it is made.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule = Rule { name: "discarded_work", summary: "pending work is dropped where it is made" };

pub(crate) const DISCARDED_FUTURE: Verdict = Verdict { rule: &RULE, name: "DiscardedFuture" };

pub(crate) const DISCARDED_GROUP: Verdict = Verdict { rule: &RULE, name: "DiscardedGroup" };

pub(crate) const DISCARDED_SIGNAL: Verdict = Verdict { rule: &RULE, name: "DiscardedSignal" };
