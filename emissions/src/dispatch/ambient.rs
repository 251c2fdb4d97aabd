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
use uuid::Uuid;

use super::{Cause, Lineage};
use crate::envelope::{EnvelopeHead, TraceParent};

thread_local! {
    static HANDLED: RefCell<Option<Handled>> = const { RefCell::new(None) };
    static LISTENER: Cell<&'static str> = const { Cell::new("") };
}

/// The event whose listeners are being polled.
#[derive(Clone)]
pub(crate) struct Handled {
    event: Cow<'static, str>,
    event_id: Uuid,
    correlation_id: Uuid,
    trace_parent: Option<TraceParent>,
    trace_state: Option<Arc<str>>,
    lineage: Option<Arc<Lineage>>,
}

impl Handled {
    #[inline]
    pub(crate) fn new(head: &EnvelopeHead, lineage: Option<&Arc<Lineage>>) -> Self {
        Self {
            event: head.event_type.clone(),
            event_id: head.event_id,
            correlation_id: head.correlation_id,
            trace_parent: head.trace_parent,
            trace_state: head.trace_state.clone(),
            lineage: lineage.cloned(),
        }
    }

    fn cause(&self, listener: &'static str) -> Cause {
        Cause {
            event_id: self.event_id,
            correlation_id: self.correlation_id,
            trace_parent: self.trace_parent,
            trace_state: self.trace_state.clone(),
            lineage: Lineage::step(self.event.clone(), listener, self.lineage.clone()),
        }
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
