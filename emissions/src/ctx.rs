//! What a listener may do while it runs.

use std::{
    error::Error,
    fmt,
    future::poll_fn,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{
    task::{JoinError, JoinHandle, JoinSet},
    time::Instant,
};
use tracing::Instrument;

use crate::{
    Emissions,
    counters::DetachedEnd,
    dispatch::{
        Cause, Lineage,
        ambient::{Handled, Handling},
        contain::{Slot, drop_contained, message_of},
    },
    emission::{Emission, EmitError, Prepared},
    envelope::EnvelopeHead,
    event::Event,
    gate::{Gate, GateError, Outcome},
    listener::{BoxError, ListenerOutput, call::Attempt},
    telemetry,
};

/// The running invocation of a listener, for one that takes `&Ctx`.
pub struct Ctx {
    emissions: Emissions,
    head: EnvelopeHead,
    listener: &'static str,
    attempt: u32,
    deadline: Option<Instant>,
    lineage: Option<std::sync::Arc<Lineage>>,
    work: Mutex<JoinSet<Result<(), BoxError>>>,
    staged: Mutex<Vec<Staged>>,
}

/// An event that is emitted if the listener succeeds.
type Staged = Box<dyn FnOnce(&Emissions) + Send>;

impl Ctx {
    pub(crate) fn open(attempt: &Attempt<'_>) -> Self {
        Self {
            emissions: attempt.dispatch.emissions.clone(),
            head: attempt.dispatch.head.clone(),
            listener: attempt.listener,
            attempt: attempt.number,
            deadline: attempt.deadline,
            lineage: attempt.dispatch.lineage.cloned(),
            work: Mutex::default(),
            staged: Mutex::default(),
        }
    }

    /// The envelope of the event being handled, without its payload.
    pub fn envelope(&self) -> &EnvelopeHead {
        &self.head
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When the listener is cancelled, if it is limited by its own `timeout` or by the emit's.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Emits an event if this listener succeeds; not before, and not if it fails.
    ///
    /// The event goes to the local queue, also beyond its capacity: a worker that waited for room
    /// which only workers make could wait for ever. Events keep their order.
    ///
    /// # Errors
    ///
    /// [`EmitError`], with the event, if it can't be emitted at all: the cascade is too deep, or
    /// metadata is invalid. A shutdown waits for the event, since its cause is still under way.
    pub fn emit<E: Event>(&self, event: E) -> Result<(), EmitError<E>> {
        let (_, prepared) = self.emission(event).prepare();
        let prepared: Prepared<E> = self.emissions.admissible(prepared)?;
        lock(&self.staged).push(Box::new(move |emissions: &Emissions| emissions.enqueue_cascade(prepared)));
        Ok(())
    }

    /// A nested gate: emits now and waits for every gate listener of that event.
    ///
    /// # Errors
    ///
    /// As [`Emissions::emit_async`].
    #[must_use = "nobody is called, and nothing is known of the listeners, until the future is awaited"]
    pub fn emit_async<E: Event>(
        &self,
        event: E,
    ) -> impl Future<Output = Result<Gate<E>, GateError<E>>> + Send + use<'_, E> {
        self.emission(event).emit_async()
    }

    /// An emission with metadata, caused by the event being handled. Its `emit` is immediate.
    pub fn emission<E: Event>(&self, event: E) -> Emission<'_, E> {
        Emission::new(&self.emissions, event, Some(self.cause()))
    }

    fn handling<F>(&self, future: F) -> Handling<F> {
        Handling::new(Handled::new(&self.head, self.lineage.as_ref()), self.listener, future)
    }

    fn cause(&self) -> Cause {
        Cause::new(&self.head, self.listener, self.lineage.clone())
    }

    /// Starts work that is joined before the listener counts as done; its failure is the listener's.
    ///
    /// If the listener fails or is cancelled, the work is cancelled.
    pub fn spawn<F>(&self, future: F)
    where
        F: Future<Output: ListenerOutput> + Send + 'static,
    {
        let work = self.handling(async move { future.await.into_result() }).in_current_span();
        lock(&self.work).spawn_on(work, self.emissions.runtime());
    }

    /// As [`spawn`](Self::spawn), for a task that runs already.
    pub fn track<T: ListenerOutput + 'static>(&self, handle: JoinHandle<T>) {
        let handle = AbortOnDrop(handle);
        let joined = async move {
            let mut handle = handle;
            match (&mut handle.0).await {
                Ok(output) => output.into_result(),
                Err(error) => Err(lost_task(error)),
            }
        };
        lock(&self.work).spawn_on(joined, self.emissions.runtime());
    }

    /// Lets work go on purpose: nobody waits for it but `shutdown`, which counts it. Its failure is
    /// logged and counted, and changes nothing else.
    ///
    /// The reason is a literal that says why; it is part of the catalogue.
    pub fn detach<F>(&self, reason: &'static str, future: F)
    where
        F: Future<Output: ListenerOutput> + Send + 'static,
    {
        let listener = self.listener;
        telemetry::detached(listener, reason);
        let guard = self.emissions.detached();
        let work = self.handling(async move { future.await.into_result() });
        self.emissions.until_stopped(telemetry::worker_span(listener, reason), async move |stop| {
            let mut work = pin!(Slot::holding(work));
            let ended = stop.run_until_cancelled(poll_fn(|cx| work.as_mut().poll(cx))).await;
            let (end, error) = match ended {
                None => (DetachedEnd::Cancelled, None),
                Some(Ok(Ok(()))) => (DetachedEnd::Done, None),
                Some(Ok(Err(error))) => (DetachedEnd::Failed, Some(Outcome::Failed(error))),
                Some(Err(panic)) => (DetachedEnd::Failed, Some(Outcome::Panicked(panic))),
            };
            telemetry::detached_ended(listener, reason, end, error.as_ref());
            drop_contained(error);
            guard.end(end);
        });
    }

    /// Joins what was spawned; then, if all is well, emits what was staged.
    pub(crate) async fn settle(self: Box<Self>, result: Result<(), BoxError>) -> Result<(), BoxError> {
        let Self { emissions, work, staged, .. } = *self;
        let mut work = work.into_inner().unwrap_or_else(PoisonError::into_inner);
        if result.is_err() {
            work.shutdown().await;
            return result;
        }
        let mut failures = Vec::new();
        while let Some(joined) = work.join_next().await {
            match joined {
                Ok(Ok(())) => {}
                Ok(Err(error)) => failures.push(error),
                Err(error) => failures.push(lost_task(error)),
            }
        }
        match failures.len() {
            0 => {}
            1 => return failures.pop().map_or(Ok(()), Err),
            _ => return Err(Box::new(SpawnedWorkFailed { failures })),
        }
        for emit in staged.into_inner().unwrap_or_else(PoisonError::into_inner) {
            emit(&emissions);
        }
        Ok(())
    }
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx")
            .field("listener", &self.listener)
            .field("attempt", &self.attempt)
            .field("envelope", &self.head)
            .finish_non_exhaustive()
    }
}

/// Nothing of ours panics while it holds one of these locks; a poisoned one is as good as new.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the task when the listener that tracks it is cancelled.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn lost_task(error: JoinError) -> BoxError {
    match error.try_into_panic() {
        Ok(panic) => format!("spawned work panicked: {}", message_of(panic)).into(),
        Err(error) => format!("spawned work did not finish: {error}").into(),
    }
}

/// Several pieces of work a listener spawned failed.
#[derive(Debug)]
pub struct SpawnedWorkFailed {
    failures: Vec<BoxError>,
}

impl SpawnedWorkFailed {
    /// Every failure, in the order in which they came.
    pub fn failures(&self) -> &[BoxError] {
        &self.failures
    }
}

impl fmt::Display for SpawnedWorkFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pieces of spawned work failed", self.failures.len())?;
        for (index, failure) in self.failures.iter().enumerate() {
            write!(f, "{} {failure}", if index == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl Error for SpawnedWorkFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failures.first().map(|error| &**error as &(dyn Error + 'static))
    }
}
