//! The bounded queue behind `emit`, and the workers that empty it.

use std::{pin::Pin, sync::Arc};

use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    Emissions,
    buffer::Acknowledgement,
    counters::{Emitted, Unsettled},
    dispatch::{self, Cause, Held, contain::drop_contained},
    envelope::{Envelope, RawEnvelope},
    event::Event,
    pipeline::{
        queue::{self, Queue, Queued},
        room::{Claim, Need, Reserved, Room},
    },
};

/// Events admitted and not yet taken by a worker.
pub(crate) struct LocalQueue {
    queue: Queue<Waiting>,
    overflow: EmitOverflow,
}

/// One queued event; it keeps its `Emissions` alive until it has been handled.
trait Job: Send {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Counts it as pushed out by a newer one.
    fn shed(self: Box<Self>);
}

/// What `emit` does when its queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmitOverflow {
    /// The new event is refused, and the caller has it back.
    #[default]
    Refuse,
    /// The oldest event that no worker has taken makes room; it is counted as `dropped_shed`, and
    /// logged.
    ShedOldest,
}

/// A job in the queue. Dropped with the queue it does not panic: a second panic while the first one
/// unwinds would end the process.
struct Waiting(Option<Box<dyn Job>>);

impl Waiting {
    fn into_job(mut self) -> Option<Box<dyn Job>> {
        self.0.take()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop_contained(self.0.take());
    }
}

struct TypedJob<E: Event> {
    emissions: Emissions,
    envelope: Envelope<E>,
    cause: Option<Cause>,
    emitted: Emitted,
    /// The event as bytes, where adapters get them too.
    raw: Option<RawEnvelope>,
    /// Somebody waits to hear how the listeners settled.
    awaited: Option<Acknowledgement>,
}

impl<E: Event> Job for TypedJob<E> {
    fn run(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let Self { emissions, envelope, cause, emitted, raw, awaited } = *self;
        Box::pin(async move {
            let raw = raw.map(Ok);
            match awaited {
                None => dispatch::deliver(&emissions, Held::Alone(envelope), cause, emitted, raw).await,
                Some(awaited) => awaited.deliver(&emissions, envelope, cause, emitted).await,
            }
        })
    }

    fn shed(self: Box<Self>) {
        let Self { envelope, emitted, .. } = *self;
        emitted.shed();
        drop_contained(envelope);
    }
}

/// Events are not serialised for the local queue, so their bytes are not known and not counted.
pub(crate) const NEED: Need = Need::event(0);

impl LocalQueue {
    /// Starts the workers; they end when every `Emissions` handle is gone and the queue is empty.
    pub(crate) fn start(
        capacity: usize,
        workers: usize,
        overflow: EmitOverflow,
        runtime: &Handle,
        stop: CancellationToken,
    ) -> Self {
        let (queue, mut receiver) = queue::bounded::<Waiting>(Need { events: capacity, bytes: 0 });
        let workers = Arc::new(Semaphore::new(workers));
        runtime.spawn(async move {
            let serve = async {
                while let Some(Queued { item: job, place }) = receiver.recv().await {
                    // Never closed, so there always is a worker in the end.
                    let worker = Arc::clone(&workers).acquire_owned().await;
                    drop(place);
                    let stop = stop.clone();
                    tokio::spawn(async move {
                        if let Some(job) = job.into_job() {
                            stop.run_until_cancelled(job.run()).await;
                        }
                        drop(worker);
                    });
                }
            };
            // What is still queued is dropped with the queue, and counted by the guard in each job.
            stop.run_until_cancelled(serve).await;
        });
        Self { queue, overflow }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.room().limit().events
    }

    /// Where places in the queue come from.
    pub(crate) fn room(&self) -> &Room {
        self.queue.room()
    }

    /// The room of one event, to be reserved together with room elsewhere.
    pub(crate) fn claim(&self) -> Claim<'_> {
        Claim { room: self.room(), need: NEED }
    }

    /// Takes a place in the queue; nothing if it is full and nobody makes room.
    pub(crate) fn reserve(&self) -> Option<Reserved> {
        match self.overflow {
            EmitOverflow::Refuse => self.room().try_reserve(NEED).ok(),
            EmitOverflow::ShedOldest => {
                let (place, shed) = self.queue.reserve_by_shedding(NEED);
                shed.into_iter().filter_map(Waiting::into_job).for_each(Job::shed);
                place.ok()
            }
        }
    }

    /// A place beyond the capacity, for what a listener emitted: a worker that waited for room that
    /// only workers make could wait for ever.
    pub(crate) fn beyond_capacity(&self) -> Reserved {
        self.room().overdraw(NEED)
    }

    #[expect(clippy::too_many_arguments, reason = "everything that goes with one queued event")]
    pub(crate) fn push<E: Event>(
        &self,
        place: Reserved,
        emissions: &Emissions,
        envelope: Envelope<E>,
        cause: Option<Cause>,
        emitted: Emitted,
        raw: Option<RawEnvelope>,
        awaited: Option<Acknowledgement>,
    ) {
        let job = Box::new(TypedJob { emissions: emissions.clone(), envelope, cause, emitted, raw, awaited });
        self.queue.push(place, Waiting(Some(job)));
    }
}

/// What a queued event counts as when its queue is dropped.
pub(crate) const UNSETTLED: Unsettled = Unsettled::Shutdown;
