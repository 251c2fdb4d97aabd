//! The lint against its corpus: bodies it must reject and bodies it must accept.

mod corpus;
mod cost;
mod krate;
mod mutants;
mod neutrality;
mod options;
mod rules;
mod twins;
mod unread;
mod verdicts;

/// What stands before the functions of a generated crate.
const HEADER: &str = include_str!("header.rs");

/// The attribute under test.
const ATTRIBUTE: &str = "#[on_event]";
