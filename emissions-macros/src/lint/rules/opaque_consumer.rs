//! `opaque_consumer`: work is given to a function that nobody named in `consumes`.

use super::Rule;
use crate::lint::report::Verdict;

pub(crate) const RULE: Rule =
    Rule { name: "opaque_consumer", summary: "work is given to a function that nobody named in `consumes`" };

pub(crate) const OPAQUE_CONSUMER: Verdict = Verdict { rule: &RULE, name: "OpaqueConsumer" };
