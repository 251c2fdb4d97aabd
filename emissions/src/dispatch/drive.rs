//! Runs the listeners of one event concurrently, in the caller's own task.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, Sleep};
use tracing::Span;

use super::{
    ambient::{self, Handled},
    policy::{Participant, Settled, sleep_until},
};
use crate::{
    buffer,
    event::Event,
    gate::{Outcome, ParticipantReport, SkipReason},
    listener::call::{Attempt, Dispatch},
    plan::{EventPlan, Forms, PlannedListener},
    telemetry,
};

/// One run over some of an event's listeners.
pub(crate) struct Run<'a, E: Event> {
    pub(crate) plan: &'a EventPlan<E>,
    /// Positions of the listeners that take part, in the order in which they start.
    pub(crate) chosen: &'a [usize],
    pub(crate) forms: Forms<'a, E>,
    pub(crate) dispatch: &'a Dispatch<'a>,
    pub(crate) started: Instant,
    /// The span of the emit.
    pub(crate) span: &'a Span,
}

impl<E: Event> Run<'_, E> {
    /// Polls everybody once, then whoever is pending as it wakes up, until all have settled.
    ///
    /// Reports come in the order of `chosen`. Dropping the future cancels what runs.
    pub(crate) async fn until_settled(self) -> Vec<ParticipantReport> {
        let mut inline = pin!(Participant::vacant());
        let mut board = Board::new(self);
        poll_fn(|cx| board.poll(inline.as_mut(), cx)).await;
        board.into_reports()
    }
}

/// A run under way, with what its listeners see around them.
pub(crate) struct Board<'a, E: Event> {
    handled: Option<Handled>,
    progress: Progress<'a, E>,
}

/// Who has settled, who runs, who still waits for its turn.
struct Progress<'a, E: Event> {
    run: Run<'a, E>,
    /// One per chosen listener, once all have been polled.
    reports: Vec<ParticipantReport>,
    /// How many of the reports are still open.
    open: usize,
    /// The listener that occupies the inline memory.
    inline: Option<(usize, Span)>,
    /// Made only when somebody is pending: it allocates.
    running: Option<FuturesUnordered<Running<'a, E>>>,
    /// Memory for the next one to start while the inline memory is occupied.
    spare: Option<Pin<Box<Participant<'a, E>>>>,
    /// Those that come after others which have not settled.
    waiting: Vec<usize>,
    /// The timer of the emit's deadline; made only when somebody is pending.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// Marks a report whose participant has not settled.
const OPEN: Duration = Duration::MAX;

/// Marks a report whose participant was ready when first polled, until the clock has been read.
const AT_ONCE: Duration = Duration::ZERO;

impl<'a, E: Event> Board<'a, E> {
    pub(crate) fn new(run: Run<'a, E>) -> Self {
        Self {
            handled: Some(Handled::new(run.dispatch.head, run.dispatch.lineage)),
            progress: Progress {
                reports: Vec::new(),
                open: 0,
                inline: None,
                running: None,
                spare: None,
                waiting: Vec::new(),
                deadline: None,
                run,
            },
        }
    }

    /// Polls everybody who can go on, and says when all have settled; `inline` is one piece of memory
    /// for all that are ready when first polled, the same at every poll.
    #[inline]
    pub(crate) fn poll(&mut self, inline: Pin<&mut Participant<'a, E>>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { handled, progress } = self;
        let _entered = ambient::enter(handled);
        let _in_span = progress.run.span.enter();
        // An ambient buffer of the caller stays out of the listeners' sight: what they emit is theirs
        // and not the request's. Asked at every poll, since the future may have been moved into a scope.
        if buffer::is_ambient() { buffer::hidden(|| progress.poll(inline, cx)) } else { progress.poll(inline, cx) }
    }

    /// What became of everybody, in the order of `chosen`.
    pub(crate) fn into_reports(self) -> Vec<ParticipantReport> {
        self.progress.reports
    }
}

impl<'a, E: Event> Progress<'a, E> {
    fn poll(&mut self, mut inline: Pin<&mut Participant<'a, E>>, cx: &mut Context<'_>) -> Poll<()> {
        if self.reports.is_empty() {
            self.first_pass(inline.as_mut(), cx);
        } else if let Some((position, span)) = &self.inline {
            let (position, listener) = (*position, self.listener(*position).id);
            if let Poll::Ready(settled) = polled(listener, span, || inline.as_mut().poll(cx)) {
                self.inline = None;
                self.settle(position, settled, self.run.started.elapsed());
                self.start_waiting(cx);
            }
        }
        while let Some(running) = &mut self.running
            && let Poll::Ready(Some((position, settled))) = running.poll_next_unpin(cx)
        {
            self.settle(position, settled, self.run.started.elapsed());
            self.start_waiting(cx);
        }
        if self.open == 0 {
            return Poll::Ready(());
        }
        if let Some(at) = self.run.dispatch.deadline {
            let runtime = self.run.dispatch.emissions.runtime();
            let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep_until(runtime, at)));
            if deadline.as_mut().poll(cx).is_ready() {
                self.give_up(inline);
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }

    fn listener(&self, position: usize) -> &'a PlannedListener<E> {
        &self.run.plan.listeners[self.run.chosen[position]]
    }

    /// Starts a listener in the memory given and polls it once.
    #[inline]
    fn start_in(
        &self,
        memory: Pin<&mut Participant<'a, E>>,
        listener: &'a PlannedListener<E>,
        span: &Span,
        cx: &mut Context<'_>,
    ) -> Poll<Settled> {
        let dispatch = self.run.dispatch;
        let attempt = Attempt { dispatch, listener: listener.id, number: 1, deadline: dispatch.deadline };
        polled(listener.id, span, || memory.start(listener, self.run.forms, attempt, cx))
    }

    fn span(&self, listener: &'a PlannedListener<E>) -> Span {
        telemetry::listener_span(self.run.span, E::NAME, listener.id, self.run.dispatch.head)
    }

    fn first_pass(&mut self, mut inline: Pin<&mut Participant<'a, E>>, cx: &mut Context<'_>) {
        let chosen = self.run.chosen;
        // All open at first, and closed in place: a report is written once and not moved.
        self.reports.extend(chosen.iter().map(|&index| open_report(&self.run.plan.listeners[index])));
        self.open = chosen.len();
        for (position, &index) in chosen.iter().enumerate() {
            let listener = &self.run.plan.listeners[index];
            let settled = if listener.comes_after_others() {
                self.waiting.push(position);
                continue;
            } else if self.inline.is_none() {
                let span = self.span(listener);
                match self.start_in(inline.as_mut(), listener, &span, cx) {
                    Poll::Ready(settled) => settled,
                    Poll::Pending => {
                        self.inline = Some((position, span));
                        continue;
                    }
                }
            } else {
                match self.start(position, cx) {
                    Some(settled) => settled,
                    None => continue,
                }
            };
            self.open -= 1;
            let report = &mut self.reports[position];
            report.attempts = settled.attempts;
            report.elapsed = AT_ONCE;
            match settled.otherwise {
                None => report.outcome = Outcome::Succeeded,
                Some(outcome) => report.outcome = *outcome,
            }
        }
        if self.open < self.reports.len() {
            let elapsed = self.run.started.elapsed();
            let slow_after = self.run.dispatch.emissions.slow_after();
            for (report, &index) in self.reports.iter_mut().zip(chosen) {
                if report.elapsed == AT_ONCE {
                    report.elapsed = elapsed;
                    telemetry::participant(&self.run.plan.listeners[index], report, slow_after);
                }
            }
        }
        self.start_waiting(cx);
    }

    /// Starts a listener in memory of its own and polls it once.
    fn start(&mut self, position: usize, cx: &mut Context<'_>) -> Option<Settled> {
        let listener = self.listener(position);
        let span = self.span(listener);
        let mut memory = self.spare.take().unwrap_or_else(|| Box::pin(Participant::vacant()));
        match self.start_in(memory.as_mut(), listener, &span, cx) {
            Poll::Ready(settled) => {
                self.spare = Some(memory);
                Some(settled)
            }
            Poll::Pending => {
                let running = Running { position, listener: listener.id, span, participant: memory };
                self.running.get_or_insert_default().push(running);
                None
            }
        }
    }

    fn settle(&mut self, position: usize, settled: Settled, elapsed: Duration) {
        let report = &mut self.reports[position];
        report.attempts = settled.attempts;
        report.outcome = settled.into_outcome();
        report.elapsed = elapsed;
        self.open -= 1;
        let slow_after = self.run.dispatch.emissions.slow_after();
        telemetry::participant(&self.run.plan.listeners[self.run.chosen[position]], report, slow_after);
    }

    /// Starts those whose turn has come; skips those whose turn will never come.
    fn start_waiting(&mut self, cx: &mut Context<'_>) {
        let mut progress = !self.waiting.is_empty();
        while progress {
            progress = false;
            for position in std::mem::take(&mut self.waiting) {
                let settled = match self.turn_of(position) {
                    Turn::Later => {
                        self.waiting.push(position);
                        continue;
                    }
                    Turn::Never(id) => Some(Settled::otherwise(Outcome::Skipped(SkipReason::AfterFailed(id)), 0)),
                    Turn::Now => self.start(position, cx),
                };
                progress = true;
                if let Some(settled) = settled {
                    self.settle(position, settled, self.run.started.elapsed());
                }
            }
        }
    }

    fn turn_of(&self, position: usize) -> Turn {
        for before in self.listener(position).after() {
            // One that does not take part succeeded in an earlier run.
            let Some(position) = self.run.chosen.iter().position(|chosen| chosen == before) else { continue };
            let report = &self.reports[position];
            if report.elapsed == OPEN {
                return Turn::Later;
            }
            if !report.outcome.opens_the_gate() {
                return Turn::Never(self.run.plan.listeners[*before].id);
            }
        }
        Turn::Now
    }

    /// The deadline of the emit has passed: cancels what runs, skips what waits.
    fn give_up(&mut self, inline: Pin<&mut Participant<'a, E>>) {
        let elapsed = self.run.started.elapsed();
        if let Some((position, _)) = self.inline.take() {
            self.settle(position, cancelled(inline.cancel(), elapsed), elapsed);
        }
        for mut running in self.running.take().into_iter().flatten() {
            let attempts = running.participant.as_mut().cancel();
            self.settle(running.position, cancelled(attempts, elapsed), elapsed);
        }
        for position in std::mem::take(&mut self.waiting) {
            self.settle(position, cancelled(0, elapsed), elapsed);
        }
    }
}

/// The outcome of one that the deadline of the emit has cut short.
fn cancelled(attempts: u32, elapsed: Duration) -> Settled {
    let outcome = if attempts == 0 { Outcome::Skipped(SkipReason::DeadlinePassed) } else { Outcome::TimedOut(elapsed) };
    Settled::otherwise(outcome, attempts)
}

/// The report of one that has not settled.
#[inline]
fn open_report<E: Event>(listener: &PlannedListener<E>) -> ParticipantReport {
    ParticipantReport {
        id: listener.id.into(),
        role: listener.role,
        outcome: Outcome::Skipped(SkipReason::DeadlinePassed),
        attempts: 0,
        elapsed: OPEN,
    }
}

/// Polls a listener, with all that says which one it is.
#[inline]
fn polled(listener: &'static str, span: &Span, poll: impl FnOnce() -> Poll<Settled>) -> Poll<Settled> {
    ambient::polling(listener);
    if span.is_none() {
        return poll();
    }
    let _entered = span.enter();
    let polled = poll();
    if let Poll::Ready(Settled { otherwise: Some(outcome), .. }) = &polled {
        telemetry::outcome(span, outcome);
    }
    polled
}

enum Turn {
    Now,
    Later,
    Never(&'static str),
}

/// A listener in memory of its own.
struct Running<'a, E: Event> {
    position: usize,
    listener: &'static str,
    span: Span,
    participant: Pin<Box<Participant<'a, E>>>,
}

impl<E: Event> Future for Running<'_, E> {
    type Output = (usize, Settled);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let participant = this.participant.as_mut();
        polled(this.listener, &this.span, || participant.poll(cx)).map(|settled| (this.position, settled))
    }
}
