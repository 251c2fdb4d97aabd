//! One participant on its way to an outcome.
//!
//! The steps around a listener with options come in one fixed order: predicate, its place among the
//! concurrent ones, then per attempt the time limit and the call, then the pause before the next. A
//! listener without options is the one call.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::{
    runtime::Handle,
    sync::OwnedSemaphorePermit,
    time::{Instant, Sleep},
};
use tokio_util::sync::PollSemaphore;

use super::contain::{Slot, contain, drop_contained};
use crate::{
    buffer,
    event::Event,
    gate::{Outcome, SkipReason},
    listener::{
        Backoff,
        call::{Attempt, CallSlot, Dispatch, Ending, ListenerFuture},
    },
    permanent::is_permanent,
    plan::{Forms, PlannedListener, Policy},
    telemetry,
};

/// How a participant ended, and after how many attempts.
pub(crate) struct Settled {
    /// Anything but success, which is the case that has to be fast.
    pub(crate) otherwise: Option<Box<Outcome>>,
    pub(crate) attempts: u32,
}

impl Settled {
    pub(crate) fn otherwise(outcome: Outcome, attempts: u32) -> Self {
        Self { otherwise: Some(Box::new(outcome)), attempts }
    }

    pub(crate) fn into_outcome(self) -> Outcome {
        self.otherwise.map_or(Outcome::Succeeded, |outcome| *outcome)
    }
}

/// Polls one attempt; ready with nothing if it succeeded.
#[inline]
fn poll_call(mut call: Pin<&mut CallSlot<'_>>, cx: &mut Context<'_>) -> Poll<Option<Box<Outcome>>> {
    loop {
        let outcome = match ready!(call.as_mut().poll(cx)) {
            Ok(Ok(())) => return Poll::Ready(None),
            Ok(Err(ending)) => match *ending {
                Ending::Failed(error) => Outcome::Failed(error),
                Ending::Closing(rest) => {
                    // In the memory of the listener, which is gone by now.
                    call.as_mut().fill(ListenerFuture::from(rest));
                    continue;
                }
            },
            Err(message) => Outcome::Panicked(message),
        };
        return Poll::Ready(Some(Box::new(outcome)));
    }
}

pin_project! {
    /// Memory for one listener that runs, with options or without. Neither poll nor drop panics.
    pub(crate) struct Participant<'a, E: Event> {
        // The call that runs; one memory for both kinds, since it is the large part.
        #[pin]
        call: CallSlot<'a>,
        policed: Option<PolicyRun<'a, E>>,
    }

    impl<E: Event> PinnedDrop for Participant<'_, E> {
        fn drop(this: Pin<&mut Self>) {
            let call = this.project().call;
            // One that is cancelled with its emit: the caller's ambient buffer stays out of its sight
            // to the end.
            if call.is_occupied() && buffer::is_ambient() {
                buffer::hidden(|| call.vacate());
            }
        }
    }
}

impl<'a, E: Event> Participant<'a, E> {
    pub(crate) fn vacant() -> Self {
        Self { call: Slot::empty(), policed: None }
    }

    /// Starts a listener where none runs, and polls it once. Its future is made in place: it is
    /// large, and moving it would cost more than running a small one.
    #[inline]
    pub(crate) fn start(
        self: Pin<&mut Self>,
        listener: &'a PlannedListener<E>,
        forms: Forms<'a, E>,
        attempt: Attempt<'a>,
        cx: &mut Context<'_>,
    ) -> Poll<Settled> {
        let mut this = self.project();
        match &listener.policy {
            None => {
                listener.begin(forms, attempt, this.call.as_mut());
                poll_call(this.call, cx).map(|otherwise| Settled { otherwise, attempts: 1 })
            }
            Some(policy) => {
                *this.policed = Some(PolicyRun::new(listener, policy, forms, attempt.dispatch));
                poll_policed(this.policed, this.call, cx)
            }
        }
    }

    /// Polls the listener that was started.
    pub(crate) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Settled> {
        let this = self.project();
        if this.policed.is_some() {
            poll_policed(this.policed, this.call, cx)
        } else {
            poll_call(this.call, cx).map(|otherwise| Settled { otherwise, attempts: 1 })
        }
    }

    /// Cancels the listener that was started, and says how many attempts it had begun.
    pub(crate) fn cancel(self: Pin<&mut Self>) -> u32 {
        let this = self.project();
        this.call.vacate();
        // Its place among the concurrent ones is free from here on.
        this.policed.take().map_or(1, |run| run.attempt)
    }
}

fn poll_policed<'a, E: Event>(
    policed: &mut Option<PolicyRun<'a, E>>,
    call: Pin<&mut CallSlot<'a>>,
    cx: &mut Context<'_>,
) -> Poll<Settled> {
    let Some(run) = policed else { return Poll::Pending };
    let settled = ready!(run.poll(call, cx));
    // Its place among the concurrent ones is free from here on.
    *policed = None;
    Poll::Ready(settled)
}

/// A listener with options on its way.
struct PolicyRun<'a, E: Event> {
    listener: &'a PlannedListener<E>,
    policy: &'a Policy,
    forms: Forms<'a, E>,
    dispatch: &'a Dispatch<'a>,
    step: Step,
    /// Number of the attempt that runs or ran last; 0 before the first.
    attempt: u32,
    /// When the attempt that runs is cancelled.
    limit: Option<Instant>,
    queue: Option<PollSemaphore>,
    place: Option<OwnedSemaphorePermit>,
    /// For the limit of an attempt, then for the pause after it; made only for one that is pending.
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy)]
enum Step {
    Select,
    Queue,
    Begin,
    Run,
    Pause,
}

impl<'a, E: Event> PolicyRun<'a, E> {
    fn new(
        listener: &'a PlannedListener<E>,
        policy: &'a Policy,
        forms: Forms<'a, E>,
        dispatch: &'a Dispatch<'a>,
    ) -> Self {
        Self {
            listener,
            policy,
            forms,
            dispatch,
            step: if policy.has_predicate { Step::Select } else { Step::Queue },
            attempt: 0,
            limit: None,
            queue: None,
            place: None,
            timer: None,
        }
    }

    /// Polls on; `call` is the memory of the attempt that runs.
    fn poll(&mut self, mut call: Pin<&mut CallSlot<'a>>, cx: &mut Context<'_>) -> Poll<Settled> {
        let (listener, policy, dispatch) = (self.listener, self.policy, self.dispatch);
        let timer = |at| Box::pin(sleep_until(dispatch.emissions.runtime(), at));
        loop {
            self.step = match self.step {
                Step::Select => match contain(|| listener.selects(self.forms)) {
                    Ok(true) => Step::Queue,
                    Ok(false) => return Poll::Ready(Settled::otherwise(Outcome::Skipped(SkipReason::NotSelected), 0)),
                    Err(message) => return Poll::Ready(Settled::otherwise(Outcome::Panicked(message), 0)),
                },
                Step::Queue => {
                    if let Some(limit) = &policy.concurrency {
                        let queue = self.queue.get_or_insert_with(|| PollSemaphore::new(Arc::clone(limit)));
                        self.place = ready!(queue.poll_acquire(cx));
                    }
                    Step::Begin
                }
                Step::Begin => {
                    self.attempt += 1;
                    self.limit = policy.timeout.and_then(|limit| Instant::now().checked_add(limit));
                    let deadline = [self.limit, dispatch.deadline].into_iter().flatten().min();
                    let attempt = Attempt { dispatch, listener: listener.id, number: self.attempt, deadline };
                    listener.begin(self.forms, attempt, call.as_mut());
                    Step::Run
                }
                Step::Run => {
                    let otherwise = match poll_call(call.as_mut(), cx) {
                        Poll::Ready(otherwise) => otherwise,
                        Poll::Pending => {
                            let (Some(limit), Some(at)) = (policy.timeout, self.limit) else {
                                return Poll::Pending;
                            };
                            ready!(self.timer.get_or_insert_with(|| timer(at)).as_mut().poll(cx));
                            // Cancelled here and now, so that nothing of it runs on.
                            call.as_mut().vacate();
                            Some(Box::new(Outcome::TimedOut(limit)))
                        }
                    };
                    self.timer = None;
                    let attempts = self.attempt;
                    let Some(outcome) = otherwise else {
                        return Poll::Ready(Settled { otherwise: None, attempts });
                    };
                    let Some((pause, until)) = pause_after(policy, attempts, &outcome, dispatch.deadline) else {
                        return Poll::Ready(Settled { otherwise: Some(outcome), attempts });
                    };
                    telemetry::retry(E::NAME, listener.id, attempts, &outcome, pause);
                    drop_contained(outcome);
                    self.timer = Some(timer(until));
                    Step::Pause
                }
                Step::Pause => {
                    if let Some(timer) = &mut self.timer {
                        ready!(timer.as_mut().poll(cx));
                    }
                    self.timer = None;
                    Step::Begin
                }
            };
        }
    }
}

/// The pause after an attempt, and its end; nothing if the attempt was the last one. A pause that
/// would outlast the deadline of the emit is not begun: the failure at hand says more than a timeout.
fn pause_after(
    policy: &Policy,
    attempt: u32,
    outcome: &Outcome,
    deadline: Option<Instant>,
) -> Option<(Duration, Instant)> {
    let retry = policy.retry.filter(|retry| attempt < retry.attempts)?;
    let again = match outcome {
        // The chain of sources is the user's code.
        Outcome::Failed(error) => !contain(|| is_permanent(&**error)).unwrap_or(false),
        Outcome::TimedOut(_) => true,
        _ => false,
    };
    let pause = retry.backoff.pause_before(attempt + 1);
    let until = Instant::now().checked_add(pause)?;
    (again && deadline.is_none_or(|deadline| until < deadline)).then_some((pause, until))
}

/// A timer of the runtime that was there at the start, whoever polls it.
pub(crate) fn sleep_until(runtime: &Handle, at: Instant) -> Sleep {
    let _entered = runtime.enter();
    tokio::time::sleep_until(at)
}

impl Backoff {
    /// Full jitter: a random share of the bound, which doubles up to `longest`.
    pub(crate) fn pause_before(self, attempt: u32) -> Duration {
        self.bound_before(attempt).mul_f64(fastrand::f64())
    }

    /// Longest possible pause before this attempt; attempts count from 1.
    pub(crate) fn bound_before(self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(2).min(31);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }
}
