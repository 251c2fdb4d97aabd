//! Interleavings of the reservation, explored by a model checker.
//!
//! `room.rs` and `queue.rs` are the files the library ships; only what they lock with is another.

#[path = "../../emissions/src/pipeline"]
mod shipped {
    #[expect(dead_code, reason = "the library uses more of it than the model")]
    #[path = "queue.rs"]
    pub(crate) mod queue;
    #[expect(dead_code, reason = "the library uses more of it than the model")]
    #[path = "room.rs"]
    pub(crate) mod room;

    mod sync {
        pub(crate) use std::sync::PoisonError;

        pub(crate) use shuttle::sync::{Arc, Mutex, MutexGuard};
    }
}

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use shipped::{
    queue::bounded,
    room::{Claim, Need, RefusalReason, Refused, Room, reserve_all, try_reserve_all},
};
use shuttle::{future, rand::Rng, thread};

const SCHEDULES: usize = 3_000;

const fn events(events: usize) -> Need {
    Need { events, bytes: 0 }
}

/// As long as the scheduler likes, and longer from round to round.
async fn patience(round: u32) {
    for _ in 0..shuttle::rand::thread_rng().gen_range(0..=1_u32 << round.min(16)) {
        future::yield_now().await;
    }
}

/// Claims of one hand-over, in an order of its own.
fn claims<'a>(rooms: &[&'a Room], need: Need) -> Vec<Claim<'a>> {
    rooms.iter().map(|room| Claim { room, need }).collect()
}

#[test]
fn waiting_hand_overs_all_get_through_and_give_everything_back() {
    shuttle::check_random(
        || {
            let (a, b, c) = (Room::new(events(2)), Room::new(events(1)), Room::new(events(3)));
            let hand_overs: Vec<_> = (0..4)
                .map(|number| {
                    let (a, b, c) = (a.clone(), b.clone(), c.clone());
                    future::spawn(async move {
                        let wanted = match number {
                            0 => vec![&a, &b],
                            1 => vec![&b, &a],
                            2 => vec![&c, &b, &a],
                            _ => vec![&a, &a],
                        };
                        let reserved = reserve_all(&claims(&wanted, events(1)), patience).await.expect("never closed");
                        assert_eq!(reserved.len(), wanted.len());
                        for room in [&a, &b, &c] {
                            assert!(room.used().fits_in(room.limit()), "{room:?} is overdrawn");
                        }
                        future::yield_now().await;
                    })
                })
                .collect();
            future::block_on(async {
                for hand_over in hand_overs {
                    hand_over.await.expect("no hand-over panicked");
                }
            });
            for room in [&a, &b, &c] {
                assert_eq!(room.used(), Need::default());
                assert!(room.try_reserve(room.limit()).is_ok(), "nobody is left in the line of {room:?}");
            }
        },
        SCHEDULES,
    );
}

/// Every schedule ends only when the hand-overs have got through: those who compete for single places
/// go on until then. A schedule in which one starves runs out of steps.
#[test]
fn hand_overs_in_opposite_orders_get_through_queues_that_are_never_empty() {
    shuttle::check_random(
        || {
            let (a, b) = (Room::new(events(1)), Room::new(events(1)));
            let left = Arc::new(AtomicUsize::new(2));
            let competitors: Vec<_> = [&a, &a, &b, &b]
                .map(|room| {
                    let (room, left) = (room.clone(), Arc::clone(&left));
                    future::spawn(async move {
                        while left.load(SeqCst) > 0 {
                            let place = room.reserve(events(1)).await.expect("never closed");
                            future::yield_now().await;
                            drop(place);
                        }
                    })
                })
                .into();
            let hand_overs = [(&a, &b), (&b, &a)].map(|(first, second)| {
                let (first, second, left) = (first.clone(), second.clone(), Arc::clone(&left));
                future::spawn(async move {
                    let places = reserve_all(&claims(&[&first, &second], events(1)), patience).await;
                    future::yield_now().await;
                    drop(places.expect("never closed"));
                    left.fetch_sub(1, SeqCst);
                })
            });
            future::block_on(async {
                for task in hand_overs.into_iter().chain(competitors) {
                    task.await.expect("no task panicked");
                }
            });
            assert!(try_reserve_all(&claims(&[&a, &b], events(1))).is_ok(), "nothing is left behind");
        },
        SCHEDULES,
    );
}

/// A queue that stands still is closed in the end; until then others go on elsewhere.
#[test]
fn a_queue_that_stands_still_blocks_nobody_elsewhere() {
    shuttle::check_random(
        || {
            let (moving, stuck) = (Room::new(events(1)), Room::new(events(1)));
            let held = stuck.try_reserve(events(1)).expect("it was empty");
            let waiting: Vec<_> = (0..2)
                .map(|_| {
                    let (moving, stuck) = (moving.clone(), stuck.clone());
                    future::spawn(async move { reserve_all(&claims(&[&moving, &stuck], events(1)), patience).await })
                })
                .collect();
            future::block_on(async {
                for _ in 0..3 {
                    drop(moving.reserve(events(1)).await.expect("never closed"));
                    future::yield_now().await;
                }
                stuck.close();
                for waiting in waiting {
                    let refused = waiting.await.expect("no task panicked").expect_err("it was closed");
                    assert_eq!(refused, Refused { index: 1, reason: RefusalReason::Closed });
                }
            });
            drop(held);
            assert_eq!((moving.used(), stuck.used()), (Need::default(), Need::default()));
        },
        SCHEDULES,
    );
}

#[test]
fn nobody_sees_room_taken_for_a_hand_over_that_does_not_happen() {
    shuttle::check_random(
        || {
            // `full` never has room, so no hand-over to both may ever take anything of `free`.
            let (free, full) = (Room::new(events(1)), Room::new(events(1)));
            let held = full.try_reserve(events(1)).expect("it was empty");
            let refused: Vec<_> = (0..2)
                .map(|_| {
                    let (free, full) = (free.clone(), full.clone());
                    thread::spawn(move || {
                        let result = try_reserve_all(&claims(&[&free, &full], events(1)));
                        assert!(matches!(result, Err(Refused { reason: RefusalReason::Full, .. })));
                    })
                })
                .collect();
            let seen = free.clone();
            let single = thread::spawn(move || drop(seen.try_reserve(events(1)).expect("nobody else has it")));
            single.join().expect("no thread panicked");
            refused.into_iter().for_each(|thread| thread.join().expect("no thread panicked"));
            drop(held);
        },
        SCHEDULES,
    );
}

#[test]
fn a_cancelled_hand_over_leaves_no_trace() {
    shuttle::check_random(
        || {
            let (a, b) = (Room::new(events(1)), Room::new(events(2)));
            let first = a.try_reserve(events(1)).expect("it was empty");
            let (cancelled_a, cancelled_b) = (a.clone(), b.clone());
            let cancelled = future::spawn(async move {
                let _ = reserve_all(&claims(&[&cancelled_b, &cancelled_a], events(1)), patience).await;
            });
            let (served_a, served_b) = (a.clone(), b.clone());
            let served = future::spawn(async move {
                reserve_all(&claims(&[&served_a, &served_b], events(1)), patience).await.map(drop)
            });
            let canceller = thread::spawn(move || cancelled.abort());
            drop(first);
            canceller.join().expect("no thread panicked");
            future::block_on(async { served.await.expect("it ran to its end").expect("never closed") });
            // The aborted task is dropped by the scheduler some time later.
            while try_reserve_all(&claims(&[&a, &b, &b], events(1))).is_err() {
                thread::yield_now();
            }
        },
        SCHEDULES,
    );
}

#[test]
fn everything_pushed_is_received_once_or_dropped_with_its_place() {
    shuttle::check_random(
        || {
            let dropped = Arc::new(AtomicUsize::new(0));
            struct Counted(Arc<AtomicUsize>);
            impl Drop for Counted {
                fn drop(&mut self) {
                    self.0.fetch_add(1, SeqCst);
                }
            }
            let (queue, mut receiver) = bounded::<Counted>(events(1));
            let room = queue.room().clone();
            let guard = Arc::clone(&dropped);
            let producer = future::spawn(async move {
                let mut pushed = 0;
                for _ in 0..3 {
                    let Ok(place) = queue.room().reserve(events(1)).await else { break };
                    queue.push(place, Counted(Arc::clone(&guard)));
                    pushed += 1;
                }
                pushed
            });
            let taken = shuttle::rand::thread_rng().gen_range(0..4);
            let consumer = future::spawn(async move {
                for _ in 0..taken {
                    let _ = receiver.recv().await;
                }
            });
            let pushed = future::block_on(async {
                consumer.await.expect("the consumer ends");
                producer.await.expect("a producer is not left waiting when the consumer is gone")
            });
            assert!(pushed >= taken, "{pushed} pushed, {taken} taken");
            assert_eq!(dropped.load(SeqCst), pushed);
            assert_eq!(room.used(), Need::default());
        },
        SCHEDULES,
    );
}
