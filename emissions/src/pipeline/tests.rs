//! The reservation under real contention; `tests/model` explores its interleavings.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
};

use futures_util::FutureExt;

use super::{
    queue::{Queue, Queued, bounded},
    reserve_all,
    room::{Claim, Need, RefusalReason, Refused, Room, try_reserve_all},
};

fn claim(room: &Room, events: usize, bytes: usize) -> Claim<'_> {
    Claim { room, need: Need { events, bytes } }
}

#[test]
fn one_full_queue_means_nothing_is_reserved_anywhere() {
    let rooms = [4, 4, 1].map(|events| Room::new(Need { events, bytes: 100 }));
    let [a, b, full] = &rooms;
    let held = full.try_reserve(Need::event(0)).unwrap();
    let claims = [claim(a, 2, 10), claim(full, 1, 10), claim(b, 2, 10)];
    assert_eq!(try_reserve_all(&claims).unwrap_err(), Refused { index: 1, reason: RefusalReason::Full });
    assert_eq!((a.used(), b.used()), (Need::default(), Need::default()));
    drop(held);
    let reserved = try_reserve_all(&claims).unwrap();
    assert_eq!(rooms.iter().map(|room| room.used().events).collect::<Vec<_>>(), [2, 2, 1]);
    drop(reserved);
    assert!(rooms.iter().all(|room| room.used() == Need::default()));
}

#[test]
fn bytes_are_limited_as_events_are() {
    let room = Room::new(Need { events: 10, bytes: 100 });
    let _most = room.try_reserve(Need::event(90)).unwrap();
    assert_eq!(room.try_reserve(Need::event(11)).unwrap_err(), RefusalReason::Full);
    assert_eq!(room.try_reserve(Need::event(101)).unwrap_err(), RefusalReason::TooLarge);
    assert!(room.try_reserve(Need::event(10)).is_ok());
    // Two claims on one room count together.
    let twice = [claim(&room, 1, 60), claim(&room, 1, 60)];
    assert_eq!(try_reserve_all(&twice).unwrap_err(), Refused { index: 0, reason: RefusalReason::TooLarge });
}

#[test]
fn what_can_never_be_goes_before_what_can_not_be_now() {
    let (full, small) = (Room::new(Need::event(10)), Room::new(Need::event(1)));
    let _held = full.try_reserve(Need::event(0)).unwrap();
    let claims = [claim(&full, 1, 5), claim(&small, 1, 5)];
    let never = Refused { index: 1, reason: RefusalReason::TooLarge };
    assert_eq!(try_reserve_all(&claims).unwrap_err(), never);
    assert_eq!(reserve_all(&claims).now_or_never().unwrap().unwrap_err(), never);
}

#[test]
fn nobody_passes_one_who_waits_and_a_large_one_is_not_starved() {
    let room = Room::new(Need { events: 4, bytes: 0 });
    let small = || Need { events: 1, bytes: 0 };
    let held: Vec<_> = (0..4).map(|_| room.try_reserve(small()).unwrap()).collect();
    let mut large = Box::pin(room.reserve(Need { events: 3, bytes: 0 }));
    assert!(large.as_mut().now_or_never().is_none());
    let mut held = held.into_iter();
    drop(held.next());
    assert_eq!(room.try_reserve(small()).unwrap_err(), RefusalReason::Full, "it would pass the large one");
    let mut later = Box::pin(room.reserve(small()));
    assert!(later.as_mut().now_or_never().is_none());
    drop(held.next());
    drop(held.next());
    assert!(large.as_mut().now_or_never().unwrap().is_ok());
    drop(large);
    assert!(later.as_mut().now_or_never().unwrap().is_ok(), "the room of the large one went on to the next");
}

#[test]
fn one_who_gives_up_lets_the_next_one_through() {
    let room = Room::new(Need { events: 2, bytes: 0 });
    let held = room.try_reserve(Need { events: 1, bytes: 0 }).unwrap();
    let mut large = Box::pin(room.reserve(Need { events: 2, bytes: 0 }));
    assert!(large.as_mut().now_or_never().is_none());
    let mut small = Box::pin(room.reserve(Need::event(0)));
    assert!(small.as_mut().now_or_never().is_none());
    drop(large);
    assert!(small.as_mut().now_or_never().unwrap().is_ok());
    drop((held, small));
    assert_eq!(room.used(), Need::default());
}

/// A queue that stands still must not take the room of one that moves away from others.
#[tokio::test(start_paused = true)]
async fn a_hand_over_that_waits_for_a_full_queue_does_not_keep_others_from_the_rest() {
    let (moving, stuck) = (Room::new(Need { events: 1, bytes: 0 }), Room::new(Need { events: 1, bytes: 0 }));
    let held = stuck.try_reserve(Need::event(0)).unwrap();
    let (a, b) = (moving.clone(), stuck.clone());
    let waiting = tokio::spawn(async move { reserve_all(&[claim(&a, 1, 0), claim(&b, 1, 0)]).await.map(drop) });
    for _ in 0..100 {
        tokio::task::yield_now().await;
        drop(moving.try_reserve(Need::event(0)).expect("nobody holds it"));
    }
    drop(held);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn closing_refuses_those_who_wait() {
    let room = Room::new(Need::event(0));
    let held = room.try_reserve(Need::event(0)).unwrap();
    let waiting = room.clone();
    let waiting = tokio::spawn(async move { waiting.reserve(Need::event(0)).await.map(drop) });
    tokio::task::yield_now().await;
    room.close();
    assert_eq!(waiting.await.unwrap().unwrap_err(), RefusalReason::Closed);
    drop(held);
    assert_eq!(room.try_reserve(Need::event(0)).unwrap_err(), RefusalReason::Closed);
}

#[test]
fn shedding_pushes_the_oldest_out() {
    let (queue, mut receiver) = bounded::<u32>(Need { events: 2, bytes: 10 });
    for number in 0..2 {
        queue.push(queue.room().try_reserve(Need::event(5)).unwrap(), number);
    }
    let (place, shed) = queue.reserve_by_shedding(Need::event(3));
    assert_eq!(shed, [0]);
    queue.push(place.unwrap(), 2);
    let Queued { item, place: _held } = receiver.recv().now_or_never().unwrap().unwrap();
    assert_eq!(item, 1);
    let (none, shed) = queue.reserve_by_shedding(Need::event(6));
    assert_eq!((none.unwrap_err(), shed), (RefusalReason::Full, vec![2]), "what was taken out stays");
}

/// Writers on several threads hand batches over to overlapping sets of small queues, some of them
/// giving up half-way, while one consumer per queue empties it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn contended_hand_overs_arrive_whole_in_order_and_within_the_limits() {
    const WRITERS: u64 = 16;
    const BATCHES: u64 = 150;
    type Numbered = (u64, u64, u64);
    let limits = [3, 5, 4, 8].map(|events| Need { events, bytes: events * 10 });
    let (queues, receivers): (Vec<Queue<Numbered>>, Vec<_>) = limits.into_iter().map(bounded).unzip();
    let queues = Arc::new(queues);
    let most = Arc::new(AtomicUsize::new(0));
    let consumers: Vec<_> = receivers
        .into_iter()
        .zip(limits)
        .map(|(mut receiver, limit)| {
            let most = Arc::clone(&most);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                let mut unsettled = Vec::new();
                loop {
                    let next = match receiver.recv().now_or_never() {
                        Some(next) => next,
                        None => {
                            // Nobody waits for more with places in its hands.
                            unsettled.clear();
                            receiver.recv().await
                        }
                    };
                    let Some(Queued { item, place }) = next else { break };
                    seen.push(item);
                    unsettled.push(place);
                    most.fetch_max(unsettled.len(), SeqCst);
                    assert!(unsettled.len() <= limit.events, "places are limited until they are settled");
                    if fastrand::bool() || unsettled.len() == limit.events {
                        unsettled.clear();
                    }
                    if fastrand::u8(..) < 8 {
                        tokio::task::yield_now().await;
                    }
                }
                seen
            })
        })
        .collect();
    let expected = Arc::new([const { AtomicU64::new(0) }; 4]);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (queues, expected) = (Arc::clone(&queues), Arc::clone(&expected));
            tokio::spawn(async move {
                for batch in 0..BATCHES {
                    let mut targets: Vec<usize> = (0..4).filter(|_| fastrand::bool()).collect();
                    fastrand::shuffle(&mut targets);
                    let events = fastrand::usize(1..=3);
                    let claims: Vec<_> =
                        targets.iter().map(|&target| claim(queues[target].room(), events, events * 10)).collect();
                    let reserved = match fastrand::u8(..3) {
                        0 => try_reserve_all(&claims).ok(),
                        // Given up at any moment.
                        1 => {
                            let waits = reserve_all(&claims);
                            tokio::select! {
                                reserved = waits => Some(reserved.unwrap()),
                                () = tokio::task::yield_now() => None,
                            }
                        }
                        _ => Some(reserve_all(&claims).await.unwrap()),
                    };
                    for (mut place, &target) in reserved.into_iter().flatten().zip(&targets) {
                        expected[target].fetch_add(events as u64, SeqCst);
                        queues[target].push_all(
                            (0..events as u64).map(|index| (place.split(Need::event(10)), (writer, batch, index))),
                        );
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let rooms: Vec<Room> = queues.iter().map(|queue| queue.room().clone()).collect();
    drop(queues);
    for (index, consumer) in consumers.into_iter().enumerate() {
        let seen = consumer.await.unwrap();
        assert_eq!(seen.len() as u64, expected[index].load(SeqCst), "queue {index}");
        for writer in 0..WRITERS {
            let own: Vec<_> = seen.iter().filter(|item| item.0 == writer).collect();
            assert!(own.is_sorted(), "queue {index}: the order of writer {writer}");
        }
        let mut position = 0;
        while position < seen.len() {
            let (writer, batch, _) = seen[position];
            let len = seen[position..].iter().take_while(|item| (item.0, item.1) == (writer, batch)).count();
            assert!(seen[position..position + len].iter().map(|item| item.2).eq(0..len as u64), "a batch is whole");
            position += len;
        }
        assert_eq!(rooms[index].used(), Need::default());
    }
    assert!(most.load(SeqCst) > 1);
}
