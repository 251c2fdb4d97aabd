//! A buffer whose events go to several queues: all of them take everything, or none takes anything.

use std::{pin::pin, sync::Arc};

use emissions::{
    Adapter, AdapterOptions, Capabilities, CommitError, Delivery, Emissions, RawEnvelope, TryCommitError,
    adapters::Memory, event, on_event,
};
use futures::poll;
use tokio::sync::Semaphore;

use crate::support::{Journal, only, settled};

/// A container was shipped: told to the fast adapter, the slow adapter and one listener.
#[event(name = "container.shipped")]
struct ContainerShipped {
    /// Container that was shipped.
    container_number: u64,
}

/// A container was sealed: told to the fast adapter alone.
#[event(name = "seal.applied")]
struct SealApplied {
    /// Seal that was applied.
    seal_number: u64,
}

#[on_event]
async fn log(event: &ContainerShipped, journal: &Journal) {
    journal.note(event.container_number);
}

/// Takes one permit per event before it acknowledges it; refuses what the test tells it to.
#[derive(Clone)]
struct Slow {
    road: Arc<Semaphore>,
    taken: Arc<Journal>,
}

impl Adapter for Slow {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        for event in batch {
            self.taken.note(event.event_id);
            self.road.acquire().await.expect("never closed").forget();
        }
        Delivery::acked(batch)
    }
}

struct Port {
    emissions: Emissions,
    fast: Memory,
    slow: Slow,
    journal: Arc<Journal>,
}

impl Port {
    /// The slow adapter stands still, and its queue has room for this many events.
    async fn open(slow_capacity: usize) -> Self {
        let slow = Slow { road: Arc::new(Semaphore::new(0)), taken: Arc::new(Journal::default()) };
        let (fast, journal) = (Memory::new(), Arc::new(Journal::default()));
        let options = AdapterOptions::default().capacity(slow_capacity, 1 << 20).batch(1, 1 << 20);
        let emissions = only(module_path!())
            .workers(1)
            .provide_arc(Arc::clone(&journal))
            .adapter("fast", fast.clone())
            .adapter_with("slow", slow.clone(), options)
            .route("container.*", "fast")
            .route("container.*", "slow")
            .route("seal.*", "fast")
            .start()
            .await
            .expect("everything is provided and routed");
        Self { emissions, fast, slow, journal }
    }
}

fn shipped(container_number: u64) -> ContainerShipped {
    ContainerShipped { container_number }
}

#[tokio::test]
async fn one_full_queue_means_nothing_is_enqueued_anywhere() {
    let port = Port::open(2).await;
    let first = port.emissions.start();
    first.emit(shipped(1)).unwrap();
    first.commit().await.unwrap();
    port.slow.taken.has(1).await;

    // What the slow adapter has not acknowledged keeps its place: one is left for two.
    let second = port.emissions.start();
    second.emit(SealApplied { seal_number: 2 }).unwrap();
    second.emit(shipped(2)).unwrap();
    second.emit(shipped(3)).unwrap();
    let Err(TryCommitError::Full(second)) = second.try_commit() else { panic!("one place for two events") };
    let mut commit = pin!(second.commit());
    for _ in 0..20 {
        assert!(poll!(&mut commit).is_pending());
        tokio::task::yield_now().await;
    }
    assert_eq!(port.fast.len(), 1, "the fast adapter has room, and got nothing");
    assert_eq!(port.journal.entries(), ["1"], "nor did the listener");
    assert_eq!(port.emissions.counters().buffered, 3);

    port.slow.road.add_permits(10);
    let receipt = commit.await.unwrap();
    let counters = settled(&port.emissions).await;
    let fast: Vec<_> = port.fast.events().iter().map(|event| event.event_id).collect();
    assert_eq!(fast[1..], *receipt.event_ids(), "everything, in the order of emission");
    let slow: Vec<_> = receipt.event_ids()[1..].iter().map(ToString::to_string).collect();
    assert_eq!(port.slow.taken.entries()[1..], slow);
    assert_eq!(port.journal.entries(), ["1", "2", "3"]);
    assert_eq!((counters.emitted, counters.delivered), (4, 4));
}

#[tokio::test]
async fn acked_waits_for_the_adapters() {
    let port = Port::open(10).await;
    let buffer = port.emissions.start();
    buffer.emit(SealApplied { seal_number: 1 }).unwrap();
    buffer.emit(shipped(1)).unwrap();
    let mut commit = pin!(buffer.commit_acked());
    assert!(poll!(&mut commit).is_pending());
    port.slow.taken.has(1).await;
    port.journal.has(1).await;
    for _ in 0..20 {
        assert!(poll!(&mut commit).is_pending(), "the slow adapter has not acknowledged");
        tokio::task::yield_now().await;
    }
    port.slow.road.add_permits(10);
    assert_eq!(commit.await.unwrap().len(), 2);
    assert_eq!(settled(&port.emissions).await.delivered, 2);
}

#[tokio::test]
async fn a_batch_that_never_fits_an_adapter_is_refused_and_counted() {
    let port = Port::open(2).await;
    let buffer = port.emissions.start();
    for container_number in 0..3 {
        buffer.emit(shipped(container_number)).unwrap();
    }
    assert_eq!(buffer.commit().await.unwrap_err(), CommitError::TooLarge { events: 3 });
    let counters = settled(&port.emissions).await;
    assert_eq!((counters.dropped_full, port.fast.len()), (3, 0));
}

#[tokio::test]
async fn terminate_keeps_everything_from_the_adapters() {
    let port = Port::open(10).await;
    let buffer = port.emissions.start();
    buffer.emit(shipped(1)).unwrap();
    buffer.terminate();
    assert_eq!(settled(&port.emissions).await.dropped_terminated, 1);
    assert!(port.fast.is_empty() && port.journal.entries().is_empty());
}
