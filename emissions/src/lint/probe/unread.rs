//! What the lint says of a body whose syntax it cannot read.
//!
//! The compiler looks for unused values when nothing else is wrong. So a body that is being typed, which
//! nobody can read, gets the compiler's errors only, and one that the compiler reads gets this one.

/// Stands where the lint had to stop reading.
#[must_use = "the lint cannot read the syntax here, so nobody has checked this body for work that is never awaited; \
              move what is unusual in it into a function of its own"]
pub trait BodyTheLintCannotRead {}

impl BodyTheLintCannotRead for () {}

/// Makes the compiler say so. Never called.
pub fn unread() -> impl BodyTheLintCannotRead {}
