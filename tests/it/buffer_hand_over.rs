//! The hand-over is atomic: room for all of it first, and nothing anywhere until there is.

use std::{collections::BTreeMap, pin::pin, sync::Arc, time::Duration};

use emissions::{Buffer, CommitError, Emissions, EmitErrorKind, TryCommitError, event, on_event};
use futures::poll;
use tokio::sync::Semaphore;

use crate::support::{Journal, only, settled};

/// A crate was loaded.
#[event(name = "crate.loaded")]
struct CrateLoaded {
    /// Truck it was loaded onto.
    truck_id: u64,
    /// Its place on the truck.
    crate_index: u64,
}

/// Says that a crate has come, then waits for a permit, so the test decides when the queue moves.
#[on_event]
async fn drive(event: &CrateLoaded, road: &Semaphore, journal: &Journal) {
    journal.note(format_args!("{}/{}", event.truck_id, event.crate_index));
    road.acquire().await.expect("never closed").forget();
}

struct Yard {
    emissions: Emissions,
    road: Arc<Semaphore>,
    journal: Arc<Journal>,
}

impl Yard {
    /// A queue of this capacity, empty, behind one worker that stands still.
    async fn open(capacity: usize) -> Self {
        let (road, journal) = (Arc::new(Semaphore::new(0)), Arc::new(Journal::default()));
        let builder = only(module_path!())
            .workers(1)
            .queue_capacity(capacity)
            .provide_arc(Arc::clone(&road))
            .provide_arc(Arc::clone(&journal));
        let yard = Self { emissions: builder.start().await.unwrap(), road, journal };
        yard.put(0);
        yard.journal.has(1).await;
        yard
    }

    /// Takes one place of the queue, past all buffers.
    fn put(&self, crate_index: u64) {
        let _ = self.emissions.emit(load(0, crate_index)).expect("there is room");
    }

    fn truck(&self, truck_id: u64, crates: u64) -> Buffer {
        let buffer = self.emissions.start();
        for crate_index in 0..crates {
            buffer.emit(load(truck_id, crate_index)).unwrap();
        }
        buffer
    }

    /// Lets so many events through.
    fn let_through(&self, events: usize) {
        self.road.add_permits(events);
    }
}

fn load(truck_id: u64, crate_index: u64) -> CrateLoaded {
    CrateLoaded { truck_id, crate_index }
}

#[tokio::test]
async fn a_full_queue_makes_commit_wait_and_nothing_is_enqueued() {
    let yard = Yard::open(4).await;
    yard.put(1);
    let mut commit = pin!(yard.truck(1, 4).commit());
    assert!(poll!(&mut commit).is_pending(), "three places for four events");
    assert_eq!(yard.emissions.counters().buffered, 4, "not one of them has left the buffer");

    yard.let_through(1);
    yard.journal.has(2).await;
    let receipt = commit.await.unwrap();
    assert_eq!(receipt.len(), 4);
    assert_eq!(yard.emissions.counters().buffered, 0);
    yard.let_through(10);
    settled(&yard.emissions).await;
    assert_eq!(yard.journal.entries(), ["0/0", "0/1", "1/0", "1/1", "1/2", "1/3"]);
}

#[tokio::test]
async fn a_commit_that_waits_is_not_overtaken_for_ever() {
    let yard = Yard::open(2).await;
    yard.put(1);
    let mut commit = pin!(yard.truck(1, 2).commit());
    assert!(poll!(&mut commit).is_pending());
    // There is one free place, but it belongs to who has come first.
    let error = yard.emissions.emit(load(0, 2)).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::Full { capacity: 2 }), "{error}");
    yard.let_through(1);
    commit.await.unwrap();
    yard.let_through(10);
    settled(&yard.emissions).await;
}

#[tokio::test]
async fn try_commit_gives_the_buffer_back_as_it_was() {
    let yard = Yard::open(3).await;
    yard.put(1);
    let truck = yard.truck(1, 3);
    let Err(TryCommitError::Full(truck)) = truck.try_commit() else { panic!("two places for three events") };
    assert_eq!(truck.len(), 3);
    assert_eq!(yard.emissions.counters().buffered, 3);
    let _ = yard.emissions.emit(load(0, 2)).expect("the two places are still free");
    yard.let_through(2);
    yard.journal.has(3).await;
    let receipt = truck.try_commit().expect("now there is room");
    assert_eq!(receipt.len(), 3);
    yard.let_through(10);
    let counters = settled(&yard.emissions).await;
    assert_eq!((counters.emitted, counters.delivered), (6, 6));
}

#[tokio::test]
async fn a_cancelled_commit_discards_and_gives_its_place_in_line_back() {
    let yard = Yard::open(2).await;
    yard.put(1);
    {
        let mut commit = pin!(yard.truck(1, 2).commit());
        assert!(poll!(&mut commit).is_pending());
    }
    assert_eq!(yard.emissions.abandoned().len(), 1, "dropping the commit is dropping the buffer");
    yard.put(2);
    yard.let_through(10);
    let counters = settled(&yard.emissions).await;
    assert_eq!((counters.dropped_abandoned, counters.delivered), (2, 3));
    assert_eq!(yard.journal.entries(), ["0/0", "0/1", "0/2"]);
}

#[tokio::test]
async fn a_cancelled_flush_leaves_the_buffer_as_it_was() {
    let yard = Yard::open(2).await;
    yard.put(1);
    let truck = yard.truck(1, 2);
    {
        let mut flush = pin!(truck.flush());
        assert!(poll!(&mut flush).is_pending());
    }
    assert_eq!(truck.len(), 2);
    yard.let_through(10);
    truck.commit().await.unwrap();
    settled(&yard.emissions).await;
    assert_eq!(yard.journal.entries(), ["0/0", "0/1", "1/0", "1/1"]);
}

#[tokio::test]
async fn two_flushes_at_once_keep_the_order() {
    let yard = Yard::open(2).await;
    yard.put(1);
    yard.put(2);
    let truck = yard.truck(1, 1);
    let mut first = pin!(truck.flush());
    assert!(poll!(&mut first).is_pending());
    truck.emit(load(1, 1)).unwrap();
    let mut second = pin!(truck.flush());
    assert!(poll!(&mut second).is_pending());
    yard.let_through(10);
    let (first, second) = futures::join!(first, second);
    assert_eq!((first.unwrap().len(), second.unwrap().len()), (1, 1));
    settled(&yard.emissions).await;
    assert_eq!(yard.journal.entries()[3..], ["1/0", "1/1"]);
}

#[tokio::test]
async fn a_commit_that_waits_hears_of_the_shutdown() {
    let yard = Yard::open(2).await;
    yard.put(1);
    let mut commit = pin!(yard.truck(1, 2).commit());
    assert!(poll!(&mut commit).is_pending());
    let emissions = yard.emissions.clone();
    let shutdown = tokio::spawn(async move { emissions.shutdown(Duration::ZERO).await });
    assert_eq!(commit.await.unwrap_err(), CommitError::ShutDown { events: 2 });
    let _ = shutdown.await.unwrap();
    let counters = settled(&yard.emissions).await;
    assert_eq!(counters.dropped_shutdown, 4, "two with the queue, two of the buffer");
}

#[tokio::test]
async fn events_lost_with_the_queue_are_not_acknowledged() {
    let yard = Yard::open(2).await;
    let mut commit = pin!(yard.truck(1, 2).commit_acked());
    assert!(poll!(&mut commit).is_pending());
    let emissions = yard.emissions.clone();
    let shutdown = tokio::spawn(async move { emissions.shutdown(Duration::ZERO).await });
    let error = commit.await.unwrap_err();
    assert_eq!(error.failures().len(), 2, "{error}");
    assert!(error.to_string().contains("dropped by the shutdown"), "{error}");
    let _ = shutdown.await.unwrap();
    settled(&yard.emissions).await;
}

/// Sixteen tasks on two threads commit batches of one to four through a queue of five: every batch
/// arrives whole and in its own order, and one that was refused does not arrive at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_contention_a_batch_arrives_whole_or_not_at_all() {
    let yard = Yard::open(5).await;
    yard.let_through(Semaphore::MAX_PERMITS / 2);
    let tasks: Vec<_> = (1..=16_u64)
        .map(|task| {
            let emissions = yard.emissions.clone();
            tokio::spawn(async move {
                let mut committed = Vec::new();
                for round in 0..50_u64 {
                    let (truck_id, crates) = (task * 1_000 + round, 1 + (task + round) % 4);
                    let buffer = emissions.start();
                    for crate_index in 0..crates {
                        buffer.emit(load(truck_id, crate_index)).unwrap();
                    }
                    let whole = match round % 3 {
                        0 => buffer.commit().await.is_ok(),
                        1 => match buffer.try_commit() {
                            Ok(_) => true,
                            Err(TryCommitError::Full(buffer)) => {
                                assert_eq!(buffer.len() as u64, crates);
                                buffer.terminate();
                                false
                            }
                            Err(refused) => panic!("{refused}"),
                        },
                        _ => tokio::time::timeout(Duration::from_micros(50), buffer.commit()).await.is_ok(),
                    };
                    if whole {
                        committed.push((truck_id, crates));
                    }
                }
                committed
            })
        })
        .collect();
    let mut expected = Vec::new();
    for task in tasks {
        expected.extend(task.await.unwrap());
    }
    let counters = settled(&yard.emissions).await;

    let mut arrived = BTreeMap::<u64, Vec<u64>>::new();
    for entry in &yard.journal.entries()[1..] {
        let (truck, index) = entry.split_once('/').unwrap();
        arrived.entry(truck.parse().unwrap()).or_default().push(index.parse().unwrap());
    }
    let expected: BTreeMap<_, _> =
        expected.into_iter().map(|(truck, crates)| (truck, (0..crates).collect::<Vec<_>>())).collect();
    assert_eq!(arrived, expected);
    let dropped = counters.dropped_terminated + counters.dropped_abandoned;
    assert_eq!(counters.emitted, counters.delivered + dropped, "{counters:?}");
    assert!(expected.len() > 16 * 17, "the commits that wait without limit all arrive");
}
