//! `detached_task`: a task or thread is started and its handle is dropped.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule =
    Rule { name: "detached_task", summary: "a task or thread is started and its handle is dropped" };

pub(crate) const DETACHED_TASK: Verdict = Verdict { rule: &RULE, name: "DetachedTask" };

pub(crate) const DETACHED_THREAD: Verdict = Verdict { rule: &RULE, name: "DetachedThread" };
