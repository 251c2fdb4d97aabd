//! Dead letters, tried again.

use std::fmt;

use futures_util::future::join_all;
use tokio::{sync::oneshot, time::Instant};
use uuid::Uuid;

use super::lane::{Answer, Lane, Waiter};
use crate::{Emissions, dead_letter::DeadLetter, gate::report::Chain, listener::BoxError};

/// The dead letters of an [`Emissions`]; from [`Emissions::dead_letters`].
#[derive(Clone, Copy, Debug)]
pub struct DeadLetters<'a> {
    emissions: &'a Emissions,
}

/// What became of a redrive.
#[derive(Debug, Default)]
#[must_use = "a redrive may have failed: look at `failed`"]
#[non_exhaustive]
pub struct RedriveReport {
    /// Events that were delivered now; their letters are gone.
    pub delivered: Vec<Uuid>,
    /// Events that were not, and why; their letters are as before.
    pub failed: Vec<(Uuid, BoxError)>,
}

impl<'a> DeadLetters<'a> {
    pub(crate) fn of(emissions: &'a Emissions) -> Self {
        Self { emissions }
    }

    /// Every letter, oldest first.
    ///
    /// # Errors
    ///
    /// The store's own.
    pub async fn list(self) -> Result<Vec<DeadLetter>, BoxError> {
        self.emissions.pipeline().store.letters().await
    }

    /// Hands every letter over to its adapter again, in their order, and waits for its word.
    ///
    /// # Errors
    ///
    /// The store can't say which letters there are. What happens to each is in the report.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves every letter in the store; an event that was under way may then
    /// have been delivered, and comes again with the next redrive.
    pub async fn redrive(self) -> Result<RedriveReport, BoxError> {
        self.redrive_if(|_| true).await
    }

    /// As [`redrive`](Self::redrive), for some of them.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn redrive_if(self, chosen: impl Fn(&DeadLetter) -> bool) -> Result<RedriveReport, BoxError> {
        let letters: Vec<_> = self.list().await?.into_iter().filter(|letter| chosen(letter)).collect();
        let results = join_all(letters.into_iter().map(|letter| async move {
            let event_id = letter.event_id();
            (event_id, self.deliver(letter).await)
        }));
        let mut report = RedriveReport::default();
        for (event_id, result) in results.await {
            match result {
                Ok(()) => report.delivered.push(event_id),
                Err(error) => report.failed.push((event_id, error)),
            }
        }
        Ok(report)
    }

    /// Forgets a letter without delivering it.
    ///
    /// # Errors
    ///
    /// The store's own.
    pub async fn discard(self, letter: &DeadLetter) -> Result<(), BoxError> {
        tracing::warn!(adapter = letter.adapter, event_id = %letter.event_id(), "dead letter discarded");
        self.emissions.pipeline().store.remove(&letter.adapter, letter.event_id()).await
    }

    async fn deliver(self, letter: DeadLetter) -> Result<(), BoxError> {
        let pipeline = self.emissions.pipeline();
        let lane = pipeline.lane(&letter.adapter).ok_or_else(|| format!("there is no adapter `{}`", letter.adapter))?;
        let place = lane.room().reserve(Lane::need(&letter.event)).await;
        let place = place.map_err(|reason| format!("the adapter's queue has no room: {reason:?}"))?;
        let (waiter, answer) = oneshot::channel();
        lane.push(place, lane.carry(letter.event.clone(), None, Some(Waiter::Owner(waiter))));
        let started = Instant::now();
        let Answer { result, attempts } =
            answer.await.map_err(|_| "the emissions were shut down before the adapter had answered")?;
        tracing::info!(adapter = letter.adapter, event_id = %letter.event_id(), attempts,
            elapsed = ?started.elapsed(), delivered = result.is_ok(), "dead letter redriven");
        result?;
        pipeline.store.remove(&letter.adapter, letter.event_id()).await
    }
}

impl fmt::Display for RedriveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} delivered, {} failed", self.delivered.len(), self.failed.len())?;
        for (event_id, error) in &self.failed {
            write!(f, "\n  {event_id}: {}", Chain(&**error))?;
        }
        Ok(())
    }
}
