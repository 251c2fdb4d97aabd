//! What `#[event]` and `#[shared_field]` make of a type.
//!
//! A binary of its own: these events break rules that hold across events, and `start` refuses a
//! registry with such events in it.

mod expansion;
mod fields;
mod hygiene;
mod serde_attributes;
