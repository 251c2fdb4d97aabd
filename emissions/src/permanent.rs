//! Failures that trying again can't mend.

use std::{error::Error, fmt};

use crate::listener::BoxError;

/// An error marked as permanent: a listener with `retry` that returns it is not tried again.
///
/// It may also lie deeper, as the source of another error.
///
/// ```
/// use emissions::Permanent;
///
/// fn parse(text: &str) -> Result<u32, Permanent> {
///     text.parse().map_err(Permanent)
/// }
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub struct Permanent {
    error: BoxError,
}

/// Marks an error as permanent.
#[expect(non_snake_case, reason = "reads as the constructor of the type, and takes any error")]
pub fn Permanent(error: impl Into<BoxError>) -> Permanent {
    Permanent { error: error.into() }
}

impl Permanent {
    /// Marks an error as permanent.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Permanent(error)
    }

    /// The error itself.
    pub fn into_inner(self) -> BoxError {
        self.error
    }
}

impl fmt::Debug for Permanent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permanent").field(&self.error).finish()
    }
}

impl fmt::Display for Permanent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl Error for Permanent {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
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
