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
    event::Event,
    gate::{Outcome, SkipReason},
    listener::{
        Backoff, BoxError,
        call::{Attempt, ListenerFuture},
    },
    permanent::is_permanent,
    plan::{Forms, PlannedListener, Policy},
    telemetry,
};

/// How a participant ended, and after how many attempts.
pub(crate) struct Settled {
    pub(crate) outcome: Outcome,
    pub(crate) attempts: u32,
}

impl Settled {
    #[inline]
    fn once(result: Result<Result<(), BoxError>, String>) -> Self {
        Self { outcome: outcome(result), attempts: 1 }
    }
}

#[inline]
fn outcome(result: Result<Result<(), BoxError>, String>) -> Outcome {
    match result {
        Ok(Ok(())) => Outcome::Succeeded,
        Ok(Err(error)) => Outcome::Failed(error),
        Err(message) => Outcome::Panicked(message),
    }
}

pin_project! {
    /// Memory for one listener that runs, with options or without. Neither poll nor drop panics.
    pub(crate) struct Participant<'a, E: Event> {
        #[pin]
        plain: Slot<ListenerFuture<'a>>,
        #[pin]
        policed: Option<PolicyRun<'a, E>>,
    }
}

impl<'a, E: Event> Participant<'a, E> {
    pub(crate) fn vacant() -> Self {
        Self { plain: Slot::empty(), policed: None }
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
                this.plain.as_mut().fill(listener.call(forms, attempt));
                this.plain.poll(cx).map(Settled::once)
            }
            Some(policy) => {
                this.policed.set(Some(PolicyRun::new(listener, policy, forms, attempt)));
                poll_policed(this.policed, cx)
            }
        }
    }

    /// Polls the listener that was started.
    pub(crate) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Settled> {
        let this = self.project();
        if this.policed.is_some() { poll_policed(this.policed, cx) } else { this.plain.poll(cx).map(Settled::once) }
    }

    /// Cancels the listener that was started, and says how many attempts it had begun.
    pub(crate) fn cancel(self: Pin<&mut Self>) -> u32 {
        let mut this = self.project();
        let attempts = this.policed.as_ref().as_pin_ref().map_or(1, |run| run.attempt);
        this.policed.set(None);
        this.plain.vacate();
        attempts
    }
}

fn poll_policed<E: Event>(mut run: Pin<&mut Option<PolicyRun<'_, E>>>, cx: &mut Context<'_>) -> Poll<Settled> {
    let Some(running) = run.as_mut().as_pin_mut() else { return Poll::Pending };
    let settled = ready!(running.poll(cx));
    // Its place among the concurrent ones is free from here on.
    run.set(None);
    Poll::Ready(settled)
}

pin_project! {
    /// A listener with options on its way.
    pub(crate) struct PolicyRun<'a, E: Event> {
        listener: &'a PlannedListener<E>,
        policy: &'a Policy,
        forms: Forms<'a, E>,
        base: Attempt<'a>,
        step: Step,
        // Number of the attempt that runs or ran last; 0 before the first.
        attempt: u32,
        // When the attempt that runs is cancelled.
        limit: Option<Instant>,
        queue: Option<PollSemaphore>,
        place: Option<OwnedSemaphorePermit>,
        #[pin]
        call: Slot<ListenerFuture<'a>>,
        // For the limit of an attempt, then for the pause after it.
        #[pin]
        timer: Option<Sleep>,
    }
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
    fn new(listener: &'a PlannedListener<E>, policy: &'a Policy, forms: Forms<'a, E>, base: Attempt<'a>) -> Self {
        Self {
            listener,
            policy,
            forms,
            base,
            step: if policy.has_predicate { Step::Select } else { Step::Queue },
            attempt: 0,
            limit: None,
            queue: None,
            place: None,
            call: Slot::empty(),
            timer: None,
        }
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Settled> {
        loop {
            let mut this = self.as_mut().project();
            *this.step = match *this.step {
                Step::Select => match contain(|| this.listener.selects(*this.forms)) {
                    Ok(true) => Step::Queue,
                    Ok(false) => return settled(Outcome::Skipped(SkipReason::NotSelected), 0),
                    Err(message) => return settled(Outcome::Panicked(message), 0),
                },
                Step::Queue => {
                    if let Some(limit) = &this.policy.concurrency {
                        let queue = this.queue.get_or_insert_with(|| PollSemaphore::new(Arc::clone(limit)));
                        *this.place = ready!(queue.poll_acquire(cx));
                    }
                    Step::Begin
                }
                Step::Begin => {
                    *this.attempt += 1;
                    *this.limit = this.policy.timeout.and_then(|limit| Instant::now().checked_add(limit));
                    let deadline = [*this.limit, this.base.dispatch.deadline].into_iter().flatten().min();
                    let attempt = Attempt { number: *this.attempt, deadline, ..*this.base };
                    this.call.fill(this.listener.call(*this.forms, attempt));
                    Step::Run
                }
                Step::Run => {
                    let outcome = match this.call.as_mut().poll(cx) {
                        Poll::Ready(result) => outcome(result),
                        Poll::Pending => {
                            let (Some(limit), Some(at)) = (this.policy.timeout, *this.limit) else {
                                return Poll::Pending;
                            };
                            if this.timer.is_none() {
                                this.timer.set(Some(sleep_until(this.base.dispatch.emissions.runtime(), at)));
                            }
                            if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                                ready!(timer.poll(cx));
                            }
                            // Cancelled here and now, so that nothing of it runs on.
                            this.call.as_mut().vacate();
                            Outcome::TimedOut(limit)
                        }
                    };
                    this.timer.set(None);
                    let Some((pause, until)) =
                        pause_after(this.policy, *this.attempt, &outcome, this.base.dispatch.deadline)
                    else {
                        return settled(outcome, *this.attempt);
                    };
                    telemetry::retry(E::NAME, this.listener.id, *this.attempt, &outcome, pause);
                    drop_contained(outcome);
                    this.timer.set(Some(sleep_until(this.base.dispatch.emissions.runtime(), until)));
                    Step::Pause
                }
                Step::Pause => {
                    if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                        ready!(timer.poll(cx));
                    }
                    this.timer.set(None);
                    Step::Begin
                }
            };
        }
    }
}

fn settled(outcome: Outcome, attempts: u32) -> Poll<Settled> {
    Poll::Ready(Settled { outcome, attempts })
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
