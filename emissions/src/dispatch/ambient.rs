//! What is being handled on this thread right now, so that an emit without a `Ctx` finds its cause.
//!
//! Set for the time of each poll, never across an await, so it can't leak into other work on the
//! same thread.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Cause, Lineage};
use crate::envelope::{EnvelopeHead, inheritance::Inheritance};

thread_local! {
    static HANDLED: RefCell<Option<Handled>> = const { RefCell::new(None) };
    static LISTENER: Cell<&'static str> = const { Cell::new("") };
}

/// The event whose listeners are being polled.
#[derive(Clone)]
pub(crate) struct Handled {
    event: Cow<'static, str>,
    inheritance: Inheritance,
    lineage: Option<Arc<Lineage>>,
}

impl Handled {
    #[inline]
    pub(crate) fn new(head: &EnvelopeHead, lineage: Option<&Arc<Lineage>>) -> Self {
        Self { event: head.event_type.clone(), inheritance: Inheritance::of(head), lineage: lineage.cloned() }
    }

    fn cause(&self, listener: &'static str) -> Cause {
        Cause::step(self.event.clone(), self.inheritance.clone(), listener, self.lineage.clone())
    }
}

/// Says that an event is being handled, until it is dropped: on the same thread, in the same poll.
pub(crate) struct Entered<'a> {
    slot: &'a mut Option<Handled>,
    listener: &'static str,
}

/// Takes the event out of `slot` for the time of one poll.
#[inline]
pub(crate) fn enter(slot: &mut Option<Handled>) -> Entered<'_> {
    swap(slot);
    Entered { slot, listener: LISTENER.get() }
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        swap(self.slot);
        LISTENER.set(self.listener);
    }
}

#[inline]
fn swap(slot: &mut Option<Handled>) {
    // Out of reach only while the thread ends, when nobody is polled any more.
    let _ = HANDLED.try_with(|handled| {
        if let Ok(mut handled) = handled.try_borrow_mut() {
            std::mem::swap(&mut *handled, slot);
        }
    });
}

/// Says which listener is polled next.
#[inline]
pub(crate) fn polling(listener: &'static str) {
    LISTENER.set(listener);
}

/// What an event emitted here and now is caused by.
#[inline]
pub(crate) fn cause() -> Option<Cause> {
    let cause = |handled: &RefCell<Option<Handled>>| {
        handled.try_borrow().ok()?.as_ref().map(|handled| handled.cause(LISTENER.get()))
    };
    HANDLED.try_with(cause).ok().flatten()
}

pin_project! {
    /// Work that handles an event in a task of its own.
    pub(crate) struct Handling<F> {
        handled: Option<Handled>,
        listener: &'static str,
        #[pin]
        future: F,
    }
}

impl<F> Handling<F> {
    pub(crate) fn new(handled: Handled, listener: &'static str, future: F) -> Self {
        Self { handled: Some(handled), listener, future }
    }
}

impl<F: Future> Future for Handling<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = enter(this.handled);
        polling(this.listener);
        this.future.poll(cx)
    }
}
