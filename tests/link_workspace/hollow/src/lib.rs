//! Had listeners once.

/// Nothing about events.
pub fn nothing() {}
