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
    event::Event,
    gate::{Outcome, ParticipantReport, SkipReason},
    listener::call::Attempt,
    plan::{EventPlan, Forms, PlannedListener},
    telemetry,
};

/// One run over some of an event's listeners.
pub(crate) struct Run<'a, E: Event> {
    pub(crate) plan: &'a EventPlan<E>,
    /// Positions of the listeners that take part, in the order in which they start.
    pub(crate) chosen: &'a [usize],
    pub(crate) forms: Forms<'a, E>,
    /// What all attempts have in common.
    pub(crate) attempt: Attempt<'a>,
    pub(crate) started: Instant,
    /// Who has not settled by then is cancelled.
    pub(crate) deadline: Option<Instant>,
    /// The span of the emit.
    pub(crate) span: &'a Span,
}

impl<'a, E: Event> Run<'a, E> {
    /// Polls everybody once, then whoever is pending as it wakes up, until all have settled.
    ///
    /// Reports come in the order of `chosen`. Dropping the future cancels what runs.
    pub(crate) async fn until_settled(self) -> Vec<ParticipantReport> {
        // One piece of memory for all that are ready when first polled.
        let mut inline = pin!(None::<Participant<'a, E>>);
        let mut deadline = pin!(None::<Sleep>);
        let mut board = Board::new(self);
        poll_fn(|cx| board.poll(inline.as_mut(), deadline.as_mut(), cx)).await;
        board.reports
    }
}

/// Who has settled, who runs, who still waits for its turn.
struct Board<'a, E: Event> {
    run: Run<'a, E>,
    handled: Option<Handled>,
    /// One per chosen listener, once all have been polled.
    reports: Vec<ParticipantReport>,
    /// How many of the reports are still open.
    open: usize,
    /// The listener that occupies the inline memory.
    inline: Option<(usize, Span)>,
    /// Made only when somebody is pending: it allocates.
    running: Option<FuturesUnordered<Running<'a, E>>>,
    /// Memory for the next one to start while the inline memory is occupied.
    spare: Option<Pin<Box<Option<Participant<'a, E>>>>>,
    /// Those that come after others which have not settled.
    waiting: Vec<usize>,
}

/// Marks a report whose participant has not settled.
const OPEN: Duration = Duration::MAX;

/// Marks a report whose participant was ready when first polled, until the clock has been read.
const AT_ONCE: Duration = Duration::ZERO;

impl<'a, E: Event> Board<'a, E> {
    fn new(run: Run<'a, E>) -> Self {
        Self {
            handled: Some(Handled::new(run.attempt.head, run.attempt.lineage)),
            reports: Vec::new(),
            open: 0,
            inline: None,
            running: None,
            spare: None,
            waiting: Vec::new(),
            run,
        }
    }

    fn poll(
        &mut self,
        inline: Pin<&mut Option<Participant<'a, E>>>,
        deadline: Pin<&mut Option<Sleep>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut handled = self.handled.take();
        let entered = ambient::enter(&mut handled);
        let in_span = self.run.span.enter();
        let polled = self.poll_participants(inline, deadline, cx);
        drop(in_span);
        drop(entered);
        self.handled = handled;
        polled
    }

    fn poll_participants(
        &mut self,
        mut inline: Pin<&mut Option<Participant<'a, E>>>,
        mut deadline: Pin<&mut Option<Sleep>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        if self.reports.is_empty() {
            self.first_pass(inline.as_mut(), cx);
        } else if let Some((position, span)) = &self.inline
            && let Some(participant) = inline.as_mut().as_pin_mut()
        {
            let (position, listener) = (*position, self.listener(*position).id);
            if let Poll::Ready(settled) = poll_participant(participant, listener, span, cx) {
                inline.set(None);
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
        if let Some(at) = self.run.deadline {
            if deadline.is_none() {
                deadline.set(Some(sleep_until(self.run.attempt.emissions.runtime(), at)));
            }
            if let Some(deadline) = deadline.as_pin_mut()
                && deadline.poll(cx).is_ready()
            {
                self.give_up(inline);
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }

    fn listener(&self, position: usize) -> &'a PlannedListener<E> {
        &self.run.plan.listeners[self.run.chosen[position]]
    }

    fn participant(&self, listener: &'a PlannedListener<E>) -> Participant<'a, E> {
        Participant::new(listener, self.run.forms, Attempt { listener: listener.id, ..self.run.attempt })
    }

    fn span(&self, listener: &'a PlannedListener<E>) -> Span {
        telemetry::listener_span(self.run.span, E::NAME, listener.id, self.run.attempt.head)
    }

    fn first_pass(&mut self, mut inline: Pin<&mut Option<Participant<'a, E>>>, cx: &mut Context<'_>) {
        let chosen = self.run.chosen;
        self.reports.reserve_exact(chosen.len());
        for (position, &index) in chosen.iter().enumerate() {
            let listener = &self.run.plan.listeners[index];
            let settled = if listener.comes_after_others() {
                self.waiting.push(position);
                None
            } else if self.inline.is_none() {
                let span = self.span(listener);
                inline.set(Some(self.participant(listener)));
                let polled = match inline.as_mut().as_pin_mut() {
                    Some(participant) => poll_participant(participant, listener.id, &span, cx),
                    None => Poll::Pending,
                };
                match polled {
                    Poll::Ready(settled) => Some(settled),
                    Poll::Pending => {
                        self.inline = Some((position, span));
                        None
                    }
                }
            } else {
                self.start(position, cx)
            };
            self.reports.push(match settled {
                Some(Settled { outcome, attempts }) => report(listener, outcome, attempts, AT_ONCE),
                None => {
                    self.open += 1;
                    report(listener, Outcome::Skipped(SkipReason::DeadlinePassed), 0, OPEN)
                }
            });
        }
        if self.inline.is_none() {
            inline.set(None);
        }
        if self.open < self.reports.len() {
            let elapsed = self.run.started.elapsed();
            for report in self.reports.iter_mut().filter(|report| report.elapsed == AT_ONCE) {
                report.elapsed = elapsed;
            }
        }
        self.start_waiting(cx);
    }

    /// Starts a listener in memory of its own and polls it once.
    fn start(&mut self, position: usize, cx: &mut Context<'_>) -> Option<Settled> {
        let listener = self.listener(position);
        let span = self.span(listener);
        let participant = self.participant(listener);
        let mut memory = self.spare.take().unwrap_or_else(|| Box::pin(None));
        memory.set(Some(participant));
        let mut running = Running { position, listener: listener.id, span, participant: memory };
        match running.poll_once(cx) {
            Poll::Ready(settled) => {
                running.participant.set(None);
                self.spare = Some(running.participant);
                Some(settled)
            }
            Poll::Pending => {
                self.running.get_or_insert_default().push(running);
                None
            }
        }
    }

    fn settle(&mut self, position: usize, settled: Settled, elapsed: Duration) {
        let report = &mut self.reports[position];
        report.outcome = settled.outcome;
        report.attempts = settled.attempts;
        report.elapsed = elapsed;
        self.open -= 1;
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
                    Turn::Never(id) => {
                        Some(Settled { outcome: Outcome::Skipped(SkipReason::AfterFailed(id)), attempts: 0 })
                    }
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
    fn give_up(&mut self, mut inline: Pin<&mut Option<Participant<'a, E>>>) {
        let elapsed = self.run.started.elapsed();
        if let Some((position, _)) = self.inline.take()
            && let Some(participant) = inline.as_ref().as_pin_ref()
        {
            self.settle(position, cancelled(participant.attempts(), elapsed), elapsed);
        }
        inline.set(None);
        for running in self.running.take().into_iter().flatten() {
            let attempts = running.participant.as_ref().as_pin_ref().map_or(0, |participant| participant.attempts());
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
    Settled { outcome, attempts }
}

fn report<E: Event>(
    listener: &PlannedListener<E>,
    outcome: Outcome,
    attempts: u32,
    elapsed: Duration,
) -> ParticipantReport {
    ParticipantReport { id: listener.id.into(), role: listener.role, outcome, attempts, elapsed }
}

#[inline]
fn poll_participant<E: Event>(
    participant: Pin<&mut Participant<'_, E>>,
    listener: &'static str,
    span: &Span,
    cx: &mut Context<'_>,
) -> Poll<Settled> {
    ambient::polling(listener);
    let _entered = span.enter();
    let polled = participant.poll(cx);
    if let Poll::Ready(settled) = &polled {
        telemetry::outcome(span, &settled.outcome);
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
    participant: Pin<Box<Option<Participant<'a, E>>>>,
}

impl<E: Event> Running<'_, E> {
    fn poll_once(&mut self, cx: &mut Context<'_>) -> Poll<Settled> {
        match self.participant.as_mut().as_pin_mut() {
            Some(participant) => poll_participant(participant, self.listener, &self.span, cx),
            None => Poll::Pending,
        }
    }
}

impl<E: Event> Future for Running<'_, E> {
    type Output = (usize, Settled);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.poll_once(cx).map(|settled| (this.position, settled))
    }
}
