//! Keeps a panic of user code where it happened.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

/// Runs `f`; a panic becomes its message.
pub(crate) fn contain<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    // Unwind safety: callers drop what `f` touched when it panics, or it is theirs to judge.
    catch_unwind(AssertUnwindSafe(f)).map_err(message_of)
}

/// Polls the future in `slot` and drops it as soon as it is done, both contained.
pub(crate) fn poll_contained<F: Future>(
    mut slot: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, String>> {
    let polled = contain(|| slot.as_mut().as_pin_mut().map(|future| future.poll(cx)));
    let result = match polled {
        Ok(Some(Poll::Pending)) => return Poll::Pending,
        Ok(Some(Poll::Ready(output))) => Ok(output),
        Ok(None) => Err("polled again after it was done".to_owned()),
        Err(message) => Err(message),
    };
    let dropped = contain(|| slot.set(None));
    Poll::Ready(result.and_then(|output| dropped.map(|()| output)))
}

/// The text of a panic.
pub(crate) fn message_of(panic: Box<dyn Any + Send>) -> String {
    let message = match panic.downcast::<String>() {
        Ok(text) => return *text,
        Err(panic) => match panic.downcast::<&'static str>() {
            Ok(text) => return (*text).to_owned(),
            Err(panic) => {
                // Dropping a payload is user code too; one that panics again is given up.
                if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
                    std::mem::forget(again);
                }
                "a panic without a text"
            }
        },
    };
    message.to_owned()
}
