//! `question_mark_before_join`: a `?` may leave between the start of a task and its join (under `strict`).

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule = Rule {
    name: "question_mark_before_join",
    summary: "a `?` may leave between the start of a task and its join (under `strict`)",
};

pub(crate) const QUESTION_MARK_BEFORE_JOIN: Verdict = Verdict { rule: &RULE, name: "QuestionMarkBeforeJoin" };
