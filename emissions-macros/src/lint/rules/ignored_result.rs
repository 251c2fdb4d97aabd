//! `ignored_result`: a statement's value is a `Result` nobody looks at.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule =
    Rule { name: "ignored_result", summary: "a statement's value is a `Result` nobody looks at" };

pub(crate) const IGNORED_RESULT: Verdict = Verdict { rule: &RULE, name: "IgnoredResult" };
