//! The bounded queue behind `emit`, and the workers that empty it.

use std::{pin::Pin, sync::Arc};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Emissions,
    buffer::Acknowledgement,
    counters::{Emitted, Unsettled},
    dispatch::{self, Cause, Held},
    envelope::Envelope,
    event::Event,
};

/// Events admitted and not yet taken by a worker.
pub(crate) struct LocalQueue {
    sender: mpsc::UnboundedSender<Queued>,
    room: Arc<Semaphore>,
    capacity: usize,
}

struct Queued {
    job: Box<dyn Job>,
    /// Its place in the queue, given back when a worker takes it.
    place: Option<OwnedSemaphorePermit>,
}

/// One queued event; it keeps its `Emissions` alive until it has been handled.
trait Job: Send {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

struct TypedJob<E: Event> {
    emissions: Emissions,
    envelope: Envelope<E>,
    cause: Option<Cause>,
    emitted: Emitted,
    /// Somebody waits to hear how the listeners settled.
    awaited: Option<Acknowledgement>,
}

impl<E: Event> Job for TypedJob<E> {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let Self { emissions, envelope, cause, emitted, awaited } = *self;
        Box::pin(async move {
            match awaited {
                None => dispatch::deliver(&emissions, Held::Alone(envelope), cause, emitted).await,
                Some(awaited) => awaited.deliver(&emissions, envelope, cause, emitted).await,
            }
        })
    }
}

impl LocalQueue {
    /// Starts the workers; they end when every `Emissions` handle is gone and the queue is empty.
    pub(crate) fn start(capacity: usize, workers: usize, runtime: &Handle, stop: CancellationToken) -> Self {
        let (sender, mut queue) = mpsc::unbounded_channel::<Queued>();
        let workers = Arc::new(Semaphore::new(workers));
        runtime.spawn(async move {
            let serve = async {
                while let Some(Queued { job, place }) = queue.recv().await {
                    // Never closed, so there always is a worker in the end.
                    let worker = Arc::clone(&workers).acquire_owned().await;
                    drop(place);
                    let stop = stop.clone();
                    tokio::spawn(async move {
                        stop.run_until_cancelled(job.run()).await;
                        drop(worker);
                    });
                }
            };
            // What is still queued is dropped with the queue, and counted by the guard in each job.
            stop.run_until_cancelled(serve).await;
        });
        Self { sender, room: Arc::new(Semaphore::new(capacity)), capacity }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Takes a place in the queue; nothing if it is full.
    pub(crate) fn reserve(&self) -> Option<Place> {
        Arc::clone(&self.room).try_acquire_owned().ok().map(|permit| Place(Some(permit)))
    }

    /// Takes places for a whole batch, all or none; nothing if there is no room for all of them.
    pub(crate) fn try_reserve_batch(&self, events: u32) -> Option<Places> {
        Arc::clone(&self.room).try_acquire_many_owned(events).ok().map(Places)
    }

    /// Waits until there is room for a whole batch; first come, first served.
    pub(crate) async fn reserve_batch(&self, events: u32) -> Option<Places> {
        // Never closed, so the places come in the end.
        Arc::clone(&self.room).acquire_many_owned(events).await.ok().map(Places)
    }

    /// A place beyond the capacity, for what a listener emitted: a worker that waited for room that
    /// only workers make could wait for ever.
    pub(crate) fn beyond_capacity(&self) -> Place {
        self.reserve().unwrap_or(Place(None))
    }

    pub(crate) fn push<E: Event>(
        &self,
        place: Place,
        emissions: &Emissions,
        envelope: Envelope<E>,
        cause: Option<Cause>,
        emitted: Emitted,
        awaited: Option<Acknowledgement>,
    ) {
        let job = Box::new(TypedJob { emissions: emissions.clone(), envelope, cause, emitted, awaited });
        // Fails only after shutdown; the guard in the job counts it as dropped by that.
        let _ = self.sender.send(Queued { job, place: place.0 });
    }
}

/// A reserved place in the queue.
pub(crate) struct Place(Option<OwnedSemaphorePermit>);

/// Reserved places for a batch.
pub(crate) struct Places(OwnedSemaphorePermit);

impl Places {
    /// The next of them; one beyond the capacity if they were counted wrong.
    pub(crate) fn next(&mut self) -> Place {
        Place(self.0.split(1))
    }
}

/// What a queued event counts as when its queue is dropped.
pub(crate) const UNSETTLED: Unsettled = Unsettled::Shutdown;
