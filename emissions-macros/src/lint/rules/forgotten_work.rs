//! `forgotten_work`: a local is still pending at the end of its scope.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule =
    Rule { name: "forgotten_work", summary: "a local is still pending at the end of its scope" };

pub(crate) const FORGOTTEN_FUTURE: Verdict = Verdict { rule: &RULE, name: "ForgottenFuture" };

pub(crate) const FORGOTTEN_TASK: Verdict = Verdict { rule: &RULE, name: "ForgottenTask" };

pub(crate) const FORGOTTEN_THREAD: Verdict = Verdict { rule: &RULE, name: "ForgottenThread" };
