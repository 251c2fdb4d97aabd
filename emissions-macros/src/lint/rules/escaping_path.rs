//! `escaping_path`: work is awaited on some paths only.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule = Rule { name: "escaping_path", summary: "work is awaited on some paths only" };

pub(crate) const ESCAPING_PATH: Verdict = Verdict { rule: &RULE, name: "EscapingPath" };

pub(crate) const ESCAPING_HALF: Verdict = Verdict { rule: &RULE, name: "EscapingHalf" };

pub(crate) const PARTLY_AWAITED: Verdict = Verdict { rule: &RULE, name: "PartlyAwaited" };
