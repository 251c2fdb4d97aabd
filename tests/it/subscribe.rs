//! Listening for a time.

use std::{sync::Arc, time::Duration};

use emissions::{Emissions, LagPolicy, Lagged, WaitError, event, on_event};
use futures::{FutureExt, StreamExt};

use crate::support::{Refused, only};

/// A bird was spotted.
#[event(name = "bird.spotted")]
struct BirdSpotted {
    /// Number of the bird.
    bird_number: u32,
}

#[on_event]
async fn refuses_even_numbers(event: &BirdSpotted) -> Result<(), Refused> {
    if event.bird_number.is_multiple_of(2) { Err(Refused("even")) } else { Ok(()) }
}

async fn start() -> Emissions {
    only(module_path!()).start().await.unwrap()
}

async fn spot(emissions: &Emissions, numbers: std::ops::Range<u32>) {
    for bird_number in numbers {
        let _ = emissions.emit_async(BirdSpotted { bird_number }).await;
    }
}

/// What is in the stream now: numbers, and how many are missing.
fn take(subscription: &mut emissions::Subscription<BirdSpotted>) -> Vec<Result<u32, u64>> {
    let mut taken = Vec::new();
    while let Some(Some(item)) = subscription.next().now_or_never() {
        taken.push(item.map(|envelope| envelope.payload.bird_number).map_err(Lagged::missed));
    }
    taken
}

#[tokio::test]
async fn a_subscription_sees_events_from_both_verbs_and_never_takes_part() {
    let emissions = start().await;
    let mut birds = emissions.subscribe::<BirdSpotted>();
    let error = emissions.emit_async(BirdSpotted { bird_number: 2 }).await.unwrap_err();
    assert_eq!(error.report().len(), 1, "a subscription is no participant");
    let gate = emissions.emit_async(BirdSpotted { bird_number: 3 }).await.unwrap();
    assert_eq!(gate.report().len(), 1);
    let _ = emissions.emit(BirdSpotted { bird_number: 4 }).unwrap();
    let error = error.retry_failed(&emissions).await.unwrap_err();
    assert_eq!(error.event().bird_number, 2);
    let third = StreamExt::next(&mut birds);
    assert_eq!(third.await.unwrap().unwrap().payload.bird_number, 2);
    let envelope = birds.next().await.unwrap().unwrap();
    assert_eq!((envelope.payload.bird_number, envelope.event_id), (3, gate.event_id()));
    assert_eq!(birds.next().await.unwrap().unwrap().payload.bird_number, 4, "a retry is not shown again");
    assert_eq!(take(&mut birds), []);
}

#[tokio::test]
async fn lag_is_an_item_of_the_stream() {
    let emissions = start().await;
    let mut oldest = emissions.subscribe::<BirdSpotted>().capacity(3);
    let mut newest = emissions.subscribe::<BirdSpotted>().capacity(3).on_lag(LagPolicy::SkipNewest);
    let mut end = emissions.subscribe::<BirdSpotted>().capacity(3).on_lag(LagPolicy::End);
    spot(&emissions, 0..7).await;
    assert_eq!(take(&mut oldest), [Err(4), Ok(4), Ok(5), Ok(6)]);
    assert_eq!(take(&mut newest), [Ok(0), Ok(1), Ok(2), Err(4)]);
    assert_eq!(take(&mut end), [Ok(0), Ok(1), Ok(2), Err(1)]);
    assert!(end.next().await.is_none());
    // Half-read when the next ones come.
    spot(&emissions, 7..10).await;
    assert_eq!(newest.next().await.unwrap().unwrap().payload.bird_number, 7);
    spot(&emissions, 10..13).await;
    assert_eq!(take(&mut oldest), [Err(3), Ok(10), Ok(11), Ok(12)]);
    assert_eq!(take(&mut newest), [Ok(8), Ok(9), Ok(10), Err(2)]);
}

#[tokio::test]
async fn dropping_it_is_the_way_off() {
    let emissions = start().await;
    let birds = emissions.subscribe::<BirdSpotted>();
    let event = Arc::new(());
    drop((birds, event));
    let mut later = emissions.subscribe::<BirdSpotted>();
    spot(&emissions, 0..2).await;
    assert_eq!(take(&mut later), [Ok(0), Ok(1)]);
    assert!(later.place().file().ends_with("subscribe.rs"));
    assert!(format!("{later:?}").contains("subscribe.rs:"), "{later:?}");
}

#[tokio::test]
async fn it_ends_with_the_emissions() {
    let emissions = start().await;
    let mut birds = emissions.subscribe::<BirdSpotted>();
    spot(&emissions, 0..1).await;
    let _ = emissions.shutdown(Duration::from_secs(1)).await;
    assert_eq!(take(&mut birds), [Ok(0)]);
    assert!(birds.next().await.is_none());
    assert!(emissions.subscribe::<BirdSpotted>().next().await.is_none(), "there is nothing to come");

    let emissions = start().await;
    let mut birds = emissions.subscribe::<BirdSpotted>();
    let waiting = tokio::spawn(async move { birds.next().await.is_none() });
    tokio::task::yield_now().await;
    drop(emissions);
    assert!(waiting.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn waiting_for_one_event() {
    let emissions = start().await;
    let seventh = emissions.wait_for::<BirdSpotted>(|bird| bird.bird_number == 7);
    spot(&emissions, 0..9).await;
    let envelope = seventh.within(Duration::from_secs(1)).await.unwrap();
    assert_eq!(envelope.payload.bird_number, 7, "it counts from the call, not from the first poll");

    let began = tokio::time::Instant::now();
    let error = emissions.wait_for::<BirdSpotted>(|_| false).within(Duration::from_secs(3)).await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    assert!(matches!(error, WaitError::DeadlinePassed { event: "bird.spotted", .. }));
    assert!(error.to_string().contains("subscribe.rs:"), "{error}");

    let broken = emissions.wait_for::<BirdSpotted>(|_| panic!("bad eyes")).within(Duration::from_secs(3));
    let gate = emissions.emit_async(BirdSpotted { bird_number: 1 }).await;
    assert!(gate.is_ok(), "the predicate of a wait is nobody's failure");
    assert!(broken.await.unwrap_err().to_string().contains("panicked: bad eyes"));

    let cut_short = emissions.wait_for::<BirdSpotted>(|_| true).within(Duration::from_secs(3));
    let _ = emissions.shutdown(Duration::from_secs(1)).await;
    assert!(matches!(cut_short.await.unwrap_err(), WaitError::ShutDown { .. }));
}

#[tokio::test]
async fn a_predicate_may_subscribe_and_emit() {
    let emissions = start().await;
    let inner = emissions.clone();
    let found = emissions.wait_for::<BirdSpotted>(move |bird| {
        let _ = inner.subscribe::<BirdSpotted>();
        bird.bird_number == 0 && inner.emit(BirdSpotted { bird_number: 1 }).is_ok()
    });
    spot(&emissions, 0..1).await;
    assert_eq!(found.within(Duration::from_secs(5)).await.unwrap().payload.bird_number, 0);
}
