//! From an emission to its adapters: one bounded queue, one task and one failure domain each.
//!
//! The path of an event: [`route`] says at start which adapters it goes to; [`hand_over`] takes room
//! in their queues, which are [`queue`]s with [`room`], and pushes; the [`worker`] of each adapter
//! batches, delivers, retries and settles.

pub(crate) mod adapter;
mod breaker;
pub(crate) mod capabilities;
pub(crate) mod delivery;
pub(crate) mod gate;
pub(crate) mod hand_over;
pub(crate) mod lane;
pub(crate) mod ledger;
pub(crate) mod options;
pub(crate) mod queue;
pub(crate) mod redrive;
pub(crate) mod room;
pub(crate) mod route;
mod sync;
#[cfg(test)]
mod tests;
mod worker;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use tokio::{runtime::Handle, time::Instant};
use tokio_util::sync::CancellationToken;

use self::{
    adapter::ErasedAdapter,
    breaker::Breaker,
    lane::Lane,
    ledger::LaneLedger,
    options::AdapterOptions,
    room::{Claim, Refused, Reserved},
    route::Routes,
    worker::{Backlog, Worker},
};
use crate::{dead_letter::ErasedStore, dispatch::policy::sleep_until};

/// Every adapter, and which events go to it.
pub(crate) struct Pipeline {
    pub(crate) lanes: Box<[Lane]>,
    pub(crate) routes: Routes,
    pub(crate) store: Arc<dyn ErasedStore>,
}

/// An adapter given to the builder.
pub(crate) struct Registered {
    pub(crate) name: String,
    pub(crate) adapter: Arc<dyn ErasedAdapter>,
    pub(crate) options: AdapterOptions,
}

impl Pipeline {
    /// Starts a task per adapter; each ends when every `Emissions` handle is gone and its queue is
    /// empty, or when it is stopped.
    pub(crate) fn start(
        adapters: Vec<Registered>,
        routes: Routes,
        store: Arc<dyn ErasedStore>,
        runtime: &Handle,
        stop: &CancellationToken,
    ) -> Self {
        let lane = |Registered { name, adapter, options }: Registered| {
            let name: Arc<str> = name.into();
            let capabilities = adapter.capabilities();
            let (queue, receiver) = queue::bounded(options.capacity);
            let open = Arc::new(AtomicBool::new(false));
            let ledger = Arc::new(LaneLedger::new(&name));
            let worker = Worker {
                name: Arc::clone(&name),
                adapter,
                options,
                capabilities,
                breaker: Breaker::new(options.breaker, Arc::clone(&open), ledger.numbers.clone()),
                numbers: ledger.numbers.clone(),
                store: Arc::clone(&store),
                receiver,
                backlog: Backlog::default(),
            };
            runtime.spawn(worker.run(stop.clone()));
            Lane { name, options, capabilities, queue, ledger, open }
        };
        Self { lanes: adapters.into_iter().map(lane).collect(), routes, store }
    }

    pub(crate) fn lane(&self, name: &str) -> Option<&Lane> {
        self.lanes.iter().find(|lane| &*lane.name == name)
    }

    /// Waits until nothing is in flight.
    pub(crate) async fn idle(&self) {
        for lane in &self.lanes {
            lane.ledger.idle().await;
        }
    }
}

/// After how many doublings patience grows no more: longer than a quarter of an hour without room is
/// a queue that stands still.
const LONGEST_PATIENCE: u32 = 20;

/// Waits for room in every queue, by the clock of this runtime; see [`room::reserve_all`].
pub(crate) async fn reserve_all(runtime: &Handle, claims: &[Claim<'_>]) -> Result<Vec<Reserved>, Refused> {
    let patience =
        |round: u32| sleep_until(runtime, Instant::now() + Duration::from_millis(1 << round.min(LONGEST_PATIENCE)));
    room::reserve_all(claims, patience).await
}
