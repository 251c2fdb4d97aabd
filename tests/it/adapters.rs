//! The adapters of the crate.
