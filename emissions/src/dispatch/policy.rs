//! The steps around a listener with options, in one fixed order: predicate, its place among the
//! concurrent ones, then per attempt the time limit and the call, then the pause before the next.

use std::{future::poll_fn, pin::pin, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};

use super::contain::{contain, poll_contained};
use crate::{
    event::Event,
    gate::{Outcome, SkipReason},
    listener::{Backoff, BoxError, call::Attempt},
    permanent::is_permanent,
    plan::{Forms, PlannedListener, Policy},
};

/// How a participant ended, and after how many attempts.
pub(crate) struct Settled {
    pub(crate) outcome: Outcome,
    pub(crate) attempts: u32,
}

impl Settled {
    pub(crate) fn once(result: Result<Result<(), BoxError>, String>) -> Self {
        let outcome = match result {
            Ok(Ok(())) => Outcome::Succeeded,
            Ok(Err(error)) => Outcome::Failed(error),
            Err(message) => Outcome::Panicked(message),
        };
        Self { outcome, attempts: 1 }
    }
}

/// Runs a listener as its options ask.
pub(crate) async fn run<'a, E: Event>(
    listener: &'a PlannedListener<E>,
    policy: &'a Policy,
    forms: Forms<'a, E>,
    base: Attempt<'a>,
) -> Settled {
    if policy.has_predicate {
        match contain(|| listener.selects(forms)) {
            Ok(true) => {}
            Ok(false) => return Settled { outcome: Outcome::Skipped(SkipReason::NotSelected), attempts: 0 },
            Err(message) => return Settled { outcome: Outcome::Panicked(message), attempts: 0 },
        }
    }
    let _place = match &policy.concurrency {
        // The semaphore is never closed, so there always is a permit in the end.
        Some(limit) => limit.acquire().await.ok(),
        None => None,
    };
    let attempts = policy.retry.map_or(1, |retry| retry.attempts.max(1));
    let mut number = 1;
    loop {
        let outcome = attempt(listener, policy.timeout, forms, Attempt { number, ..base }).await;
        let retry = match (&outcome, policy.retry) {
            (Outcome::Failed(error), Some(retry)) if number < attempts && !is_permanent(&**error) => retry,
            (Outcome::TimedOut(_), Some(retry)) if number < attempts => retry,
            _ => return Settled { outcome, attempts: number },
        };
        let pause = retry.backoff.pause_before(number + 1);
        tracing::debug!(listener = listener.id, attempt = number, ?pause, "listener failed and is tried again");
        sleep(pause).await;
        number += 1;
    }
}

async fn attempt<'a, E: Event>(
    listener: &'a PlannedListener<E>,
    limit: Option<Duration>,
    forms: Forms<'a, E>,
    attempt: Attempt<'a>,
) -> Outcome {
    let own = limit.and_then(|limit| Instant::now().checked_add(limit));
    // Only the listener's own limit cancels it here; the emit's deadline is dispatch's to watch.
    let deadline = [own, attempt.deadline].into_iter().flatten().min();
    let mut future = pin!(Some(listener.call(forms, Attempt { deadline, ..attempt })));
    let run = poll_fn(|cx| poll_contained(future.as_mut(), cx));
    let result = match (own, limit) {
        (Some(own), Some(limit)) => match timeout_at(own, run).await {
            Ok(result) => result,
            Err(_) => {
                // Cancelled here and now, so that nothing of it runs on.
                let _ = contain(|| future.set(None));
                return Outcome::TimedOut(limit);
            }
        },
        _ => run.await,
    };
    Settled::once(result).outcome
}

impl Backoff {
    /// Full jitter: a random share of the bound, which doubles up to `longest`.
    fn pause_before(self, attempt: u32) -> Duration {
        self.bound_before(attempt).mul_f64(fastrand::f64())
    }

    /// Longest possible pause before this attempt; attempts count from 1.
    pub(crate) fn bound_before(self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(2).min(31);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }
}
