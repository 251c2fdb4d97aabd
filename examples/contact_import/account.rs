//! Whose address book it is.

use std::fmt;

use emissions::shared_field;

/// Number of an account; the same in every event that carries it.
#[shared_field(name = "user_id")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UserId(u32);

impl UserId {
    pub(crate) const fn new(number: u32) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
