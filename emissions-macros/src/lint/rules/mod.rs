//! The rules: a file each, and this table of them.

pub(crate) mod aborted_task;
pub(crate) mod detach_without_reason;
pub(crate) mod detached_task;
pub(crate) mod discarded_work;
pub(crate) mod escaping_path;
pub(crate) mod forgotten_work;
pub(crate) mod hidden_spawn;
pub(crate) mod ignored_result;
pub(crate) mod opaque_consumer;
pub(crate) mod opaque_macro;
pub(crate) mod overwritten_work;
pub(crate) mod question_mark_before_join;
pub(crate) mod raced_handle;
pub(crate) mod undrained_group;

/// A rule: what it is called and what it is about.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Snake case; part of the public interface: messages, `allow(..)`, the pages of the documentation.
    pub(crate) name: &'static str,
    /// One line for tables and catalogues.
    pub(crate) summary: &'static str,
}

/// Every rule there is.
pub(crate) const RULES: &[&Rule] = &[
    &discarded_work::RULE,
    &detached_task::RULE,
    &hidden_spawn::RULE,
    &forgotten_work::RULE,
    &overwritten_work::RULE,
    &undrained_group::RULE,
    &escaping_path::RULE,
    &aborted_task::RULE,
    &raced_handle::RULE,
    &opaque_macro::RULE,
    &opaque_consumer::RULE,
    &question_mark_before_join::RULE,
    &ignored_result::RULE,
    &detach_without_reason::RULE,
];

/// The rule of that name.
pub(crate) fn named(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}
