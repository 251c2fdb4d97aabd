//! Failures that trying again can't mend.

use std::{error::Error, fmt};

use crate::listener::BoxError;

/// Marks an error as permanent: a listener with `retry` that returns it is not tried again.
///
/// ```
/// use emissions::Permanent;
///
/// fn parse(text: &str) -> Result<u32, Permanent> {
///     text.parse().map_err(Permanent::new)
/// }
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub struct Permanent(
    /// The error itself.
    pub BoxError,
);

impl Permanent {
    /// Wraps an error.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }

    /// The error itself.
    pub fn into_inner(self) -> BoxError {
        self.0
    }
}

impl fmt::Debug for Permanent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permanent").field(&self.0).finish()
    }
}

impl fmt::Display for Permanent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Permanent {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Whether the error, or one it was caused by, is marked as permanent.
pub(crate) fn is_permanent(error: &(dyn Error + 'static)) -> bool {
    let mut current = Some(error);
    while let Some(error) = current {
        if error.is::<Permanent>() {
            return true;
        }
        current = error.source();
    }
    false
}
