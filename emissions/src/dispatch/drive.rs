//! Runs the listeners of one event concurrently, in the caller's own task.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    contain::{contain, poll_contained},
    policy::{self, Settled},
};
use crate::{
    event::Event,
    gate::{Outcome, ParticipantReport, SkipReason},
    listener::call::{Attempt, ListenerFuture},
    plan::{EventPlan, Forms},
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
    /// What a listener is reported with that was left out because it had succeeded before.
    pub(crate) deadline: Option<Instant>,
}

impl<'a, E: Event> Run<'a, E> {
    /// Polls everybody once, then whoever is pending as it wakes up, until all have settled.
    ///
    /// Reports come in the order of `chosen`. Dropping the future cancels what runs.
    pub(crate) async fn until_settled(self) -> Vec<ParticipantReport> {
        // One piece of memory for all that are ready when first polled.
        let mut inline = pin!(None::<ListenerFuture<'a>>);
        let mut board = Board::new(self);
        poll_fn(|cx| {
            board.first_pass(inline.as_mut(), cx);
            Poll::Ready(())
        })
        .await;
        if !board.all_settled() {
            let deadline = board.run.deadline.map(sleep_until);
            let mut deadline = pin!(deadline);
            poll_fn(|cx| board.poll(inline.as_mut(), deadline.as_mut(), cx)).await;
        }
        board.reports
    }
}

/// Who has settled, who runs, who still waits for its turn.
struct Board<'a, E: Event> {
    run: Run<'a, E>,
    reports: Vec<ParticipantReport>,
    /// Positions in `reports` of those that have not settled.
    open: usize,
    /// The listener that occupies the inline memory.
    inline: Option<usize>,
    running: FuturesUnorderedLazily<'a>,
    /// Those that come after others which have not settled.
    waiting: Vec<usize>,
}

/// Made only when somebody is pending: it allocates.
type FuturesUnorderedLazily<'a> = Option<FuturesUnordered<Running<'a>>>;

enum Polled {
    Settled(Settled),
    Pending,
}

impl<'a, E: Event> Board<'a, E> {
    fn new(run: Run<'a, E>) -> Self {
        let report = |&index: &usize| {
            let listener = &run.plan.listeners[index];
            ParticipantReport {
                id: listener.id.into(),
                role: listener.role,
                // Overwritten when it settles.
                outcome: Outcome::Skipped(SkipReason::DeadlinePassed),
                attempts: 0,
                elapsed: Duration::MAX,
            }
        };
        let reports: Vec<_> = run.chosen.iter().map(report).collect();
        Self { open: reports.len(), reports, inline: None, running: None, waiting: Vec::new(), run }
    }

    fn all_settled(&self) -> bool {
        self.open == 0
    }

    fn is_settled(&self, position: usize) -> bool {
        self.reports[position].elapsed != Duration::MAX
    }

    fn settle(&mut self, position: usize, settled: Settled, elapsed: Duration) {
        let report = &mut self.reports[position];
        report.outcome = settled.outcome;
        report.attempts = settled.attempts;
        report.elapsed = elapsed;
        self.open -= 1;
    }

    fn first_pass(&mut self, mut inline: Pin<&mut Option<ListenerFuture<'a>>>, cx: &mut Context<'_>) {
        let mut settled_now = false;
        for position in 0..self.reports.len() {
            let listener = &self.run.plan.listeners[self.run.chosen[position]];
            let polled = match &listener.policy {
                None if self.inline.is_none() => {
                    inline.set(Some(listener.call(self.run.forms, self.attempt_of(position))));
                    match poll_contained(inline.as_mut(), cx) {
                        Poll::Ready(result) => Polled::Settled(Settled::once(result)),
                        Poll::Pending => {
                            self.inline = Some(position);
                            continue;
                        }
                    }
                }
                Some(policy) if !policy.after.is_empty() => {
                    self.waiting.push(position);
                    continue;
                }
                _ => self.start(position, cx),
            };
            if let Polled::Settled(settled) = polled {
                // One reading of the clock for all, below.
                self.settle(position, settled, Duration::ZERO);
                settled_now = true;
            }
        }
        if settled_now {
            let elapsed = self.run.started.elapsed();
            for report in self.reports.iter_mut().filter(|report| report.elapsed == Duration::ZERO) {
                report.elapsed = elapsed;
            }
        }
        if !self.waiting.is_empty() {
            self.start_waiting(cx);
        }
    }

    fn attempt_of(&self, position: usize) -> Attempt<'a> {
        let listener = self.run.plan.listeners[self.run.chosen[position]].id;
        Attempt { listener, ..self.run.attempt }
    }

    /// Starts a listener in memory of its own and polls it once.
    fn start(&mut self, position: usize, cx: &mut Context<'_>) -> Polled {
        let attempt = self.attempt_of(position);
        let listener = &self.run.plan.listeners[self.run.chosen[position]];
        let mut future: Erased<'a> = match &listener.policy {
            Some(policy) => {
                Erased::Policy(Box::pin(Some(policy::run(listener, policy, self.run.forms, attempt).boxed())))
            }
            None => Erased::Plain(Box::pin(Some(listener.call(self.run.forms, attempt)))),
        };
        match future.poll(cx) {
            Poll::Ready(settled) => Polled::Settled(settled),
            Poll::Pending => {
                self.running.get_or_insert_default().push(Running { position, future });
                Polled::Pending
            }
        }
    }

    /// Starts those whose turn has come; skips those whose turn will never come.
    fn start_waiting(&mut self, cx: &mut Context<'_>) {
        loop {
            let mut progress = false;
            for position in std::mem::take(&mut self.waiting) {
                match self.turn_of(position) {
                    Turn::Later => self.waiting.push(position),
                    Turn::Never(id) => {
                        let outcome = Outcome::Skipped(SkipReason::AfterFailed(id));
                        self.settle(position, Settled { outcome, attempts: 0 }, self.run.started.elapsed());
                        progress = true;
                    }
                    Turn::Now => {
                        if let Polled::Settled(settled) = self.start(position, cx) {
                            self.settle(position, settled, self.run.started.elapsed());
                        }
                        progress = true;
                    }
                }
            }
            if !progress {
                return;
            }
        }
    }

    fn turn_of(&self, position: usize) -> Turn {
        let listener = &self.run.plan.listeners[self.run.chosen[position]];
        let after = listener.policy.as_deref().map_or(&[][..], |policy| &policy.after);
        for before in after {
            // One that does not take part succeeded in an earlier run.
            let Some(position) = self.run.chosen.iter().position(|chosen| chosen == before) else { continue };
            if !self.is_settled(position) {
                return Turn::Later;
            }
            if !self.reports[position].outcome.opens_the_gate() {
                return Turn::Never(self.run.plan.listeners[*before].id);
            }
        }
        Turn::Now
    }

    fn poll(
        &mut self,
        mut inline: Pin<&mut Option<ListenerFuture<'a>>>,
        deadline: Pin<&mut Option<Sleep>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        if let Some(position) = self.inline
            && let Poll::Ready(result) = poll_contained(inline.as_mut(), cx)
        {
            self.inline = None;
            self.settle(position, Settled::once(result), self.run.started.elapsed());
            self.start_waiting(cx);
        }
        while let Some(running) = &mut self.running
            && let Poll::Ready(Some((position, settled))) = running.poll_next_unpin(cx)
        {
            self.settle(position, settled, self.run.started.elapsed());
            self.start_waiting(cx);
        }
        if self.all_settled() {
            return Poll::Ready(());
        }
        if let Some(deadline) = deadline.as_pin_mut()
            && deadline.poll(cx).is_ready()
        {
            self.give_up(inline);
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// The deadline of the emit has passed: cancels what runs, skips what waits.
    fn give_up(&mut self, mut inline: Pin<&mut Option<ListenerFuture<'a>>>) {
        let elapsed = self.run.started.elapsed();
        let _ = contain(|| inline.set(None));
        if let Some(running) = self.running.take() {
            let _ = contain(|| drop(running));
        }
        let waiting = std::mem::take(&mut self.waiting);
        for position in 0..self.reports.len() {
            if self.is_settled(position) {
                continue;
            }
            let settled = if waiting.contains(&position) {
                Settled { outcome: Outcome::Skipped(SkipReason::DeadlinePassed), attempts: 0 }
            } else {
                Settled { outcome: Outcome::TimedOut(elapsed), attempts: 1 }
            };
            self.settle(position, settled, elapsed);
        }
    }
}

enum Turn {
    Now,
    Later,
    Never(&'static str),
}

/// A listener that was pending when first polled.
struct Running<'a> {
    position: usize,
    future: Erased<'a>,
}

type BoxedPolicy<'a> = Pin<Box<dyn Future<Output = Settled> + Send + 'a>>;

enum Erased<'a> {
    Plain(Pin<Box<Option<ListenerFuture<'a>>>>),
    Policy(Pin<Box<Option<BoxedPolicy<'a>>>>),
}

impl Erased<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Settled> {
        match self {
            Self::Plain(slot) => poll_contained(slot.as_mut(), cx).map(Settled::once),
            Self::Policy(slot) => poll_contained(slot.as_mut(), cx).map(|result| {
                result.unwrap_or_else(|message| Settled { outcome: Outcome::Panicked(message), attempts: 1 })
            }),
        }
    }
}

impl Future for Running<'_> {
    type Output = (usize, Settled);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.future.poll(cx).map(|settled| (this.position, settled))
    }
}

trait Boxed<'a>: Future + Send + Sized + 'a {
    fn boxed(self) -> Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>> {
        Box::pin(self)
    }
}

impl<'a, F: Future + Send + 'a> Boxed<'a> for F {}
