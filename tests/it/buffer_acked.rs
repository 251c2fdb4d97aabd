//! `commit_acked` with adapters that fail: nothing is lost, nothing is doubled, and everything is named.

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use emissions::{
    AcknowledgeError, Adapter, AdapterOptions, Capabilities, Delivery, Emissions, NotAcknowledged, Overflow,
    RawEnvelope, Settlement, Whereabouts,
    dead_letter::{JsonLinesDeadLetters, MemoryDeadLetters, ParkReason},
    event, on_event,
};
use futures::poll;

use crate::support::{Journal, Refused, only, scratch, settled};

/// A telegram was sent: told to two adapters and one listener.
#[event(name = "telegram.dispatched")]
struct TelegramDispatched {
    /// Telegram that was sent.
    telegram_number: u64,
}

#[on_event]
async fn bill(event: &TelegramDispatched, journal: &Journal) -> Result<(), Refused> {
    journal.note(event.telegram_number);
    if event.telegram_number == 4 { Err(Refused("nobody to bill")) } else { Ok(()) }
}

/// What an adapter does with a telegram.
#[derive(Clone, Copy)]
enum Does {
    Refuse,
    Fail,
    Hang,
}

/// Takes everything but what it is told otherwise, and counts how often it has taken each.
#[derive(Clone, Default)]
struct Line {
    told: Arc<Mutex<BTreeMap<u64, Does>>>,
    taken: Arc<Mutex<BTreeMap<u64, usize>>>,
}

impl Line {
    fn tell(&self, number: u64, does: Does) {
        self.told.lock().unwrap().insert(number, does);
    }

    fn mend(&self) {
        self.told.lock().unwrap().clear();
    }

    /// The telegrams it has taken, each of them once.
    fn taken(&self) -> Vec<u64> {
        let taken = self.taken.lock().unwrap();
        assert!(taken.values().all(|times| *times == 1), "{taken:?}");
        taken.keys().copied().collect()
    }
}

impl Adapter for Line {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let mut settlements = Vec::new();
        for event in batch {
            let number = event.decode::<TelegramDispatched>().expect("it is one").payload.telegram_number;
            let does = self.told.lock().unwrap().get(&number).copied();
            settlements.push(match does {
                Some(Does::Refuse) => Settlement::refused("no such address"),
                Some(Does::Fail) => Settlement::retry("the line is dead"),
                Some(Does::Hang) => std::future::pending().await,
                None => {
                    *self.taken.lock().unwrap().entry(number).or_default() += 1;
                    Settlement::Acked
                }
            });
        }
        settlements.into_iter().collect()
    }
}

struct Office {
    emissions: Emissions,
    north: Line,
    south: Line,
    journal: Arc<Journal>,
}

impl Office {
    async fn open() -> Self {
        Self::with(AdapterOptions::without_breaker, |builder| builder).await
    }

    async fn with(
        options: impl Fn(AdapterOptions) -> AdapterOptions,
        settings: impl FnOnce(emissions::Builder) -> emissions::Builder,
    ) -> Self {
        let (north, south, journal) = (Line::default(), Line::default(), Arc::new(Journal::default()));
        let quick = AdapterOptions::default().retry(3, Duration::from_millis(1), Duration::from_millis(1));
        let builder = only(module_path!())
            .workers(1)
            .provide_arc(Arc::clone(&journal))
            .adapter_with("north", north.clone(), options(quick))
            .adapter_with("south", south.clone(), options(quick))
            .route("telegram.*", "north")
            .route("telegram.*", "south");
        let emissions = settings(builder).start().await.expect("everything is provided and routed");
        Self { emissions, north, south, journal }
    }

    fn buffer(&self, numbers: std::ops::RangeInclusive<u64>) -> emissions::Buffer {
        let buffer = self.emissions.start();
        for telegram_number in numbers {
            buffer.emit(TelegramDispatched { telegram_number }).unwrap();
        }
        buffer
    }

    /// Adapter and event of every letter.
    async fn letters(&self) -> Vec<(String, emissions::Uuid)> {
        let letters = self.emissions.dead_letters().list().await.unwrap();
        let mut letters: Vec<_> = letters.iter().map(|letter| (letter.adapter.clone(), letter.event_id())).collect();
        letters.sort();
        letters
    }
}

fn named(failure: &NotAcknowledged) -> (Option<&str>, emissions::Uuid, Whereabouts) {
    (failure.adapter.as_deref(), failure.event_id, failure.whereabouts)
}

#[tokio::test(start_paused = true)]
async fn every_adapter_and_event_is_named_and_what_failed_is_parked_once() {
    let office = Office::open().await;
    office.north.tell(2, Does::Refuse);
    office.south.tell(2, Does::Fail);
    office.south.tell(3, Does::Fail);
    let error = office.buffer(1..=5).commit_acked().await.unwrap_err();

    let AcknowledgeError::NotAcknowledged { receipt, failures } = &error else { panic!("{error}") };
    let ids = receipt.event_ids();
    assert_eq!(
        failures.iter().map(named).collect::<Vec<_>>(),
        [
            (Some("north"), ids[1], Whereabouts::Parked),
            (Some("south"), ids[1], Whereabouts::Parked),
            (Some("south"), ids[2], Whereabouts::Parked),
            (None, ids[3], Whereabouts::Settled),
        ]
    );
    let text = error.to_string();
    for part in
        ["north failed: no such address; it is in the dead-letter store", "south failed: the line is dead", "bill"]
    {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }

    let parked = [("north", ids[1]), ("south", ids[1]), ("south", ids[2])].map(|(name, id)| (name.to_owned(), id));
    assert_eq!(office.letters().await, parked);
    let letters = office.emissions.dead_letters().list().await.unwrap();
    let refused = letters.iter().find(|letter| letter.adapter == "north").unwrap();
    assert_eq!((refused.reason, refused.attempts), (ParkReason::Refused, 1));
    let exhausted = letters.iter().find(|letter| letter.adapter == "south").unwrap();
    assert_eq!((exhausted.reason, exhausted.attempts), (ParkReason::AttemptsExhausted, 3));

    // Everything arrives in the end, and only what had failed was sent again.
    office.north.mend();
    office.south.mend();
    let report = office.emissions.dead_letters().redrive().await.unwrap();
    assert_eq!((report.delivered.len(), report.failed.len()), (3, 0), "{report}");
    assert_eq!((office.north.taken(), office.south.taken()), (vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5]));
    assert_eq!(office.journal.entries(), ["1", "2", "3", "4", "5"], "no listener has run twice");
    assert!(office.letters().await.is_empty());
    let counters = settled(&office.emissions).await;
    assert_eq!((counters.emitted, counters.delivered, counters.failed), (5, 2, 3));
    for name in ["north", "south"] {
        let counters = office.emissions.adapter_counters(name).unwrap();
        assert_eq!((counters.dropped(), counters.returned, counters.in_flight), (0, 0, 0), "{name}: {counters:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_with_an_outage_is_not_waited_for_and_gets_its_events_later() {
    let office = Office::with(|options| options.breaker(2, Duration::from_secs(10)), |builder| builder).await;
    for number in 1..=6 {
        office.south.tell(number, Does::Fail);
    }
    let before = tokio::time::Instant::now();
    let error = office.buffer(1..=3).commit_acked().await.unwrap_err();
    assert!(before.elapsed() < Duration::from_secs(1), "nobody waits for the end of an outage");
    let south: Vec<_> = error.failures().iter().map(named).map(|(name, _, whereabouts)| (name, whereabouts)).collect();
    assert_eq!(south, [(Some("south"), Whereabouts::InFlight); 3], "{error}");
    assert!(error.to_string().contains("it stays in the queue"), "{error}");

    // One that commits during the outage does not wait either.
    let error = office.buffer(4..=4).commit_acked().await.err();
    let error = error.expect("the circuit is open, and a listener fails");
    assert_eq!(error.failures().len(), 2, "{error}");
    assert!(error.to_string().contains("the adapter's circuit is open"), "{error}");
    assert!(before.elapsed() < Duration::from_secs(1));

    assert!(office.letters().await.is_empty(), "an outage parks nothing");
    office.south.mend();
    let counters = settled(&office.emissions).await;
    assert_eq!((office.north.taken(), office.south.taken()), (vec![1, 2, 3, 4], vec![1, 2, 3, 4]));
    assert_eq!((counters.delivered, counters.failed), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn what_an_outage_leaves_no_room_for_is_said_to_be_dropped() {
    let shedding = |options: AdapterOptions| {
        options.capacity(1, 1024).overflow(Overflow::ShedNewest).breaker(1, Duration::from_secs(10))
    };
    let office = Office::with(shedding, |builder| builder).await;
    office.south.tell(1, Does::Fail);
    assert!(office.buffer(1..=1).commit_acked().await.is_err(), "the circuit opens");
    let error = office.buffer(2..=2).commit_acked().await.unwrap_err();
    let south: Vec<_> = error.failures().iter().map(named).map(|(name, _, whereabouts)| (name, whereabouts)).collect();
    assert_eq!(south, [(Some("south"), Whereabouts::Dropped)], "{error}");
    assert_eq!(office.emissions.adapter_counters("south").unwrap().dropped_shed, 1);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_wait_any_longer_changes_nothing_for_the_events() {
    let office = Office::open().await;
    office.south.tell(2, Does::Fail);
    {
        let mut commit = pin!(office.buffer(1..=3).commit_acked());
        assert!(poll!(&mut commit).is_pending());
    }
    let counters = settled(&office.emissions).await;
    assert_eq!((office.north.taken(), office.south.taken()), (vec![1, 2, 3], vec![1, 3]));
    assert_eq!((counters.delivered, counters.failed, counters.dropped()), (2, 1, 0));
    let south = office.emissions.adapter_counters("south").unwrap();
    assert_eq!((south.acked, south.parked, south.dropped()), (2, 1, 0), "{south:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_store_does_not_take_is_said_to_be_dropped() {
    let office =
        Office::with(AdapterOptions::without_breaker, |builder| builder.dead_letters(MemoryDeadLetters::new(1))).await;
    office.north.tell(1, Does::Refuse);
    office.north.tell(2, Does::Refuse);
    let error = office.buffer(1..=3).commit_acked().await.unwrap_err();
    let whereabouts: Vec<_> = error.failures().iter().map(|failure| failure.whereabouts).collect();
    assert_eq!(whereabouts, [Whereabouts::Parked, Whereabouts::Dropped], "{error}");
    settled(&office.emissions).await;
    assert_eq!(office.emissions.adapter_counters("north").unwrap().dropped_unparked, 1);
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_of_a_shutdown_a_durable_store_keeps_what_is_waited_for() {
    let store = Arc::new(JsonLinesDeadLetters::create(scratch("letters.jsonl")).unwrap());
    let kept = Arc::clone(&store);
    let office =
        Office::with(|options| options.without_breaker().batch(1, 1 << 20), |builder| builder.dead_letters(kept)).await;
    office.south.tell(1, Does::Hang);
    let buffer = office.buffer(1..=2);
    let commit = tokio::spawn(buffer.commit_acked());
    office.journal.has(2).await;
    let _ = office.emissions.shutdown(Duration::from_millis(10)).await;
    let error = commit.await.unwrap().unwrap_err();
    let south: Vec<_> = error.failures().iter().map(named).map(|(name, _, whereabouts)| (name, whereabouts)).collect();
    assert_eq!(south, [(Some("south"), Whereabouts::Parked); 2], "{error}");
    assert_eq!(office.letters().await.len(), 2);
    let south = office.emissions.adapter_counters("south").unwrap();
    assert_eq!((south.parked, south.in_flight, south.dropped()), (2, 0, 0), "{south:?}");
}
