//! A buffer whose events go to several queues: all of them take everything, or none takes anything.

use std::{pin::pin, sync::Arc};

use emissions::{
    Adapter, AdapterOptions, BufferLimit, Capabilities, Delivery, Emissions, EmitErrorKind, Overflow, RawEnvelope,
    TryCommitError, adapters::Memory, event, on_event,
};
use futures::poll;
use tokio::sync::Semaphore;

use crate::support::{Journal, Refused, only, settled};

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
        Self::with(|options| options.capacity(slow_capacity, 1 << 20)).await
    }

    async fn with(slow_options: impl FnOnce(AdapterOptions) -> AdapterOptions) -> Self {
        let slow = Slow { road: Arc::new(Semaphore::new(0)), taken: Arc::new(Journal::default()) };
        let (fast, journal) = (Memory::new(), Arc::new(Journal::default()));
        let options = slow_options(AdapterOptions::default().batch(1, 1 << 20));
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

/// What the error says, if it is about the queue of the slow adapter.
fn full_for_the_slow_one(error: &emissions::EmitError<ContainerShipped>) -> Option<(usize, usize)> {
    match error.kind() {
        EmitErrorKind::BufferFull(BufferLimit::Adapter { adapter, events, bytes }) if adapter == "slow" => {
            Some((*events, *bytes))
        }
        _ => None,
    }
}

#[tokio::test]
async fn more_events_than_an_adapters_queue_holds_are_refused_where_they_are_emitted() {
    let port = Port::open(2).await;
    let buffer = port.emissions.start();
    buffer.emit(shipped(1)).unwrap();
    buffer.emit(SealApplied { seal_number: 1 }).expect("it goes to the fast adapter alone");
    buffer.emit(shipped(2)).unwrap();
    let error = buffer.emit(shipped(3)).unwrap_err();
    assert_eq!(full_for_the_slow_one(&error), Some((2, 1 << 20)), "{error}");
    assert_eq!(
        error.to_string(),
        "container.shipped was not emitted: the buffer is full: \
         the queue of the adapter `slow` holds 2 events and 1048576 bytes of payload"
    );
    assert_eq!(error.into_event().container_number, 3);
    buffer.emit(SealApplied { seal_number: 2 }).expect("the buffer is as it was");
    assert_eq!((buffer.len(), port.emissions.counters().buffered), (4, 4));

    buffer.flush().await.unwrap();
    buffer.emit(shipped(3)).expect("flushing makes room");
    port.slow.road.add_permits(10);
    buffer.commit().await.unwrap();
    assert_eq!(settled(&port.emissions).await.delivered, 5);
    assert_eq!(port.fast.len(), 5);
}

#[tokio::test]
async fn more_bytes_than_an_adapters_queue_holds_are_refused_where_they_are_emitted() {
    let one = serde_json::to_vec(&shipped(1)).unwrap().len();
    let port = Port::with(|options| options.capacity(100, 2 * one + 1)).await;
    port.slow.road.add_permits(10);
    let buffer = port.emissions.start();
    buffer.emit(shipped(1)).unwrap();
    let error = buffer.emit(shipped(100)).expect_err("two bytes more, one byte left");
    assert_eq!(full_for_the_slow_one(&error), Some((100, 2 * one + 1)), "{error}");
    let error = buffer.emit(shipped(u64::MAX / 1_000)).expect_err("it would not fit an empty queue either");
    assert!(matches!(error.kind(), EmitErrorKind::BufferFull(_)), "{error}");
    buffer.emit(shipped(10)).unwrap();
    assert_eq!(buffer.commit().await.unwrap().len(), 2);
    assert_eq!(settled(&port.emissions).await.delivered, 2);
}

#[tokio::test]
async fn one_event_larger_than_an_adapter_takes_is_refused_by_name() {
    let one = serde_json::to_vec(&shipped(1)).unwrap().len();
    let port = Port::with(|options| options.capacity(100, one)).await;
    let buffer = port.emissions.start();
    let error = buffer.emit(shipped(10)).unwrap_err();
    assert!(
        matches!(error.kind(), EmitErrorKind::TooLarge { adapter, bytes, limit }
            if adapter == "slow" && *bytes == one + 1 && *limit == one),
        "{error}"
    );
    buffer.emit(shipped(1)).expect("the buffer is as it was");
    buffer.terminate();
    settled(&port.emissions).await;
}

#[tokio::test]
async fn savepoints_count_towards_what_an_adapters_queue_holds() {
    let port = Port::open(2).await;
    port.slow.road.add_permits(10);
    let result = port
        .emissions
        .scope(async {
            emissions::emit(shipped(1)).unwrap();
            let inner = port.emissions.scope(async {
                emissions::emit(shipped(2)).unwrap();
                let error = emissions::emit(shipped(3)).unwrap_err();
                assert!(full_for_the_slow_one(&error).is_some(), "{error}");
                Err::<(), _>(Refused("give it back"))
            });
            assert!(inner.await.is_err());
            port.emissions.scope(async { emissions::emit(shipped(4)).map(drop) }).await.unwrap();
            assert!(emissions::emit(shipped(5)).is_err());
            Ok::<_, Refused>(())
        })
        .await;
    result.unwrap();
    settled(&port.emissions).await;
    assert_eq!(port.journal.entries(), ["1", "4"]);
}

#[tokio::test]
async fn a_queue_that_sheds_limits_no_buffer() {
    let port = Port::with(|options| options.capacity(1, 1 << 20).overflow(Overflow::ShedNewest)).await;
    let buffer = port.emissions.start();
    for number in 0..3 {
        buffer.emit(shipped(number)).unwrap();
    }
    buffer.commit().await.unwrap();
    port.slow.road.add_permits(10);
    settled(&port.emissions).await;
    assert_eq!((port.fast.len(), port.emissions.adapter_counters("slow").unwrap().dropped_shed), (3, 2));
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
