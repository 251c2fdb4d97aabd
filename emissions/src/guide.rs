//! Pages about more than one item.

#[doc = include_str!("docs/which-verb-when.md")]
pub mod which_verb_when {}

#[doc = include_str!("docs/buffers.md")]
pub mod buffers {}

#[doc = include_str!("docs/telemetry.md")]
pub mod telemetry {}
