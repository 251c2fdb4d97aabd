//! Keeps a panic of user code where it happened.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::telemetry;

/// Runs `f`; a panic becomes its message.
#[inline]
pub(crate) fn contain<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    // Unwind safety: callers drop what `f` touched when it panics, or it is theirs to judge.
    catch_unwind(AssertUnwindSafe(f)).map_err(message_of)
}

/// Drops something of the user's; a panic of its `Drop` is logged and goes no further.
pub(crate) fn drop_contained<T>(value: T) {
    if std::mem::needs_drop::<T>()
        && let Err(panic) = contain(|| drop(value))
    {
        telemetry::contained("drop", &panic);
    }
}

pin_project! {
    /// A place for one future of the user's: neither its poll nor its drop panics.
    pub(crate) struct Slot<F> {
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Slot<F> {
        fn drop(this: Pin<&mut Self>) {
            this.vacate();
        }
    }
}

impl<F> Slot<F> {
    pub(crate) fn empty() -> Self {
        Self { future: None }
    }

    pub(crate) fn holding(future: F) -> Self {
        Self { future: Some(future) }
    }

    /// Whether there is a future.
    #[inline]
    pub(crate) fn is_occupied(&self) -> bool {
        self.future.is_some()
    }

    /// Puts a future where none is.
    #[inline]
    pub(crate) fn fill(self: Pin<&mut Self>, future: F) {
        self.project().future.set(Some(future));
    }

    /// Drops the future, if there is one.
    #[inline]
    pub(crate) fn vacate(self: Pin<&mut Self>) {
        let mut future = self.project().future;
        if future.is_some()
            && let Err(panic) = contain(|| future.set(None))
        {
            telemetry::contained("drop", &panic);
        }
    }

    /// Polls the future and drops it as soon as it is done; a panic of either is the result.
    #[expect(clippy::inline_always, reason = "inside its caller the result of a success stays in registers")]
    #[inline(always)]
    pub(crate) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<F::Output, String>>
    where
        F: Future,
    {
        let mut future = self.project().future;
        let polled = contain(|| match future.as_mut().as_pin_mut().map(|future| future.poll(cx)) {
            Some(Poll::Pending) => Poll::Pending,
            Some(Poll::Ready(output)) => {
                future.set(None);
                Poll::Ready(Some(output))
            }
            None => Poll::Ready(None),
        });
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Some(output))) => Poll::Ready(Ok(output)),
            Ok(Poll::Ready(None)) => Poll::Ready(Err("polled again after it was done".to_owned())),
            Err(message) => {
                // What is left of it; its drop may panic in its turn.
                let _ = contain(|| future.set(None));
                Poll::Ready(Err(message))
            }
        }
    }
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
