//! `aborted_task`: a task is aborted and never joined.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule = Rule { name: "aborted_task", summary: "a task is aborted and never joined" };

pub(crate) const ABORTED_TASK: Verdict = Verdict { rule: &RULE, name: "AbortedTask" };
