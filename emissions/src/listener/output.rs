//! What a listener may return.

use std::error::Error;

/// Any error a listener returns, erased.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a listener, or work handed to [`Ctx::spawn`](crate::Ctx::spawn), may return: `()`, or a
/// `Result` whose error turns into a boxed one.
#[diagnostic::on_unimplemented(
    message = "a listener returns `()` or a `Result`, not `{Self}`",
    label = "neither `()` nor a `Result<T, E>` with `E: Into<Box<dyn Error + Send + Sync>>`",
    note = "return `Result<(), YourError>` so that a failure keeps the gate shut, or nothing at all"
)]
pub trait ListenerOutput: Send {
    /// The failure, if it is one.
    ///
    /// # Errors
    ///
    /// The error of a `Result`.
    fn into_result(self) -> Result<(), BoxError>;
}

impl ListenerOutput for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<T: Send, E: Into<BoxError> + Send> ListenerOutput for Result<T, E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map(drop).map_err(Into::into)
    }
}
