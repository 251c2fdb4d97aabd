//! The reservation under real contention; `tests/model` explores its interleavings.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{runtime::Handle, task::JoinSet};

use super::{
    queue::{Queue, Queued, bounded},
    room::{Claim, Need, RefusalReason, Refused, Reserved, Room, try_reserve_all},
};

fn claim(room: &Room, events: usize, bytes: usize) -> Claim<'_> {
    Claim { room, need: Need { events, bytes } }
}

async fn reserve_all(claims: &[Claim<'_>]) -> Result<Vec<Reserved>, Refused> {
    super::reserve_all(&Handle::current(), claims).await
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

#[tokio::test]
async fn what_can_never_be_goes_before_what_can_not_be_now() {
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

/// Keeps a room full: more want a place in it than there are places, each keeps it for a while, and
/// comes back for the next one.
fn saturate(room: &Room, keep: Duration) -> JoinSet<()> {
    let mut competitors = JoinSet::new();
    for _ in 0..8 {
        let room = room.clone();
        competitors.spawn(async move {
            loop {
                let place = room.reserve(Need::event(0)).await.expect("never closed");
                tokio::time::sleep(keep).await;
                drop(place);
            }
        });
    }
    competitors
}

/// Both are always full, and make room at moments of their own.
#[tokio::test(start_paused = true)]
async fn a_hand_over_to_two_saturated_queues_gets_through() {
    let (a, b) = (Room::new(Need { events: 1, bytes: 0 }), Room::new(Need { events: 1, bytes: 0 }));
    let _competitors = [saturate(&a, Duration::from_millis(100)), saturate(&b, Duration::from_millis(170))];
    tokio::time::sleep(Duration::from_secs(1)).await;
    for _ in 0..10 {
        let before = tokio::time::Instant::now();
        let claims = [claim(&a, 1, 0), claim(&b, 1, 0)];
        let reserved = tokio::time::timeout(Duration::from_mins(10), reserve_all(&claims)).await;
        assert_eq!(reserved.expect("it is not starved").unwrap().len(), 2);
        assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
    }
}

/// One of its queues stands still; the others go on as if it were not there, up to its patience.
#[tokio::test(start_paused = true)]
async fn one_that_waits_for_a_queue_that_stands_still_is_soon_in_nobodys_way() {
    let rooms = [1, 1, 1].map(|events| Room::new(Need { events, bytes: 0 }));
    let [a, b, stuck] = rooms.clone();
    let held = stuck.try_reserve(Need::event(0)).unwrap();
    let _competitors = [saturate(&a, Duration::from_millis(10)), saturate(&b, Duration::from_millis(10))];
    let waiting: Vec<_> = (0..5)
        .map(|_| {
            let [a, b, stuck] = rooms.clone();
            tokio::spawn(async move {
                reserve_all(&[claim(&a, 1, 0), claim(&stuck, 1, 0), claim(&b, 1, 0)]).await.map(drop)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = tokio::time::Instant::now();
    for _ in 0..10 {
        drop(a.reserve(Need::event(0)).await.unwrap());
        drop(b.reserve(Need::event(0)).await.unwrap());
    }
    // Each waits behind eight others that take 10 ms, and behind nobody else.
    assert!(before.elapsed() <= Duration::from_millis(2 * 10 * 90), "{:?}", before.elapsed());
    drop(held);
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
}

/// Hand-overs to several full queues in every order, on several threads, with single ones that never
/// leave the queues alone: all get through.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hand_overs_in_every_order_get_through_queues_that_are_never_empty() {
    let rooms = [2, 1, 3].map(|events| Room::new(Need { events, bytes: 0 }));
    let done = Arc::new(AtomicBool::new(false));
    let mut singles = JoinSet::new();
    for room in rooms.iter().flat_map(|room| std::iter::repeat_n(room, 6)) {
        let (room, done) = (room.clone(), Arc::clone(&done));
        singles.spawn(async move {
            while !done.load(SeqCst) {
                let place = room.reserve(Need::event(0)).await.unwrap();
                tokio::task::yield_now().await;
                drop(place);
            }
        });
    }
    let mut hand_overs = JoinSet::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let rooms = rooms.clone();
        hand_overs.spawn(async move {
            for round in 0..50 {
                let claims: Vec<_> = order[..2 + round % 2].iter().map(|&room| claim(&rooms[room], 1, 0)).collect();
                let places = reserve_all(&claims).await.unwrap();
                tokio::task::yield_now().await;
                drop(places);
            }
        });
    }
    let all = async { while hand_overs.join_next().await.transpose().unwrap().is_some() {} };
    tokio::time::timeout(Duration::from_mins(2), all).await.expect("nobody is starved");
    done.store(true, SeqCst);
    while singles.join_next().await.transpose().unwrap().is_some() {}
    assert!(rooms.iter().all(|room| room.used() == Need::default()));
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
                    let one_each = |&target: &usize| (0..events).map(move |_| target);
                    let places: Vec<usize> = targets.iter().flat_map(one_each).collect();
                    let claims: Vec<_> = places.iter().map(|&target| claim(queues[target].room(), 1, 10)).collect();
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
                    let mut reserved = reserved.into_iter().flatten().zip(&places).peekable();
                    while let Some(&(_, &target)) = reserved.peek() {
                        let own = std::iter::from_fn(|| reserved.next_if(|(_, place)| **place == target));
                        let batch: Vec<_> =
                            own.zip(0..).map(|((place, _), index)| (place, (writer, batch, index))).collect();
                        expected[target].fetch_add(batch.len() as u64, SeqCst);
                        queues[target].push_all(batch);
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
