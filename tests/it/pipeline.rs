//! Queues, batches, retries and dead letters. Time is tokio's paused clock.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use emissions::{
    Adapter, AdapterCounters, AdapterOptions, Capabilities, Delivery, Emissions, EmitErrorKind, Overflow, RawEnvelope,
    Settlement,
    adapters::Memory,
    dead_letter::{JsonLinesDeadLetters, MemoryDeadLetters, ParkReason},
    event,
};
use tokio::time::Instant;

use crate::support::only;

/// A step of a journey.
#[event(name = "journey.step_taken")]
pub(crate) struct StepTaken {
    /// Journey the step belongs to.
    #[field(key)]
    journey_id: String,
    /// Place of the step in the journey.
    step_number: u32,
    /// What the traveller wrote.
    #[field(sensitive)]
    diary_text: String,
}

fn step(journey: &str, number: u32) -> StepTaken {
    StepTaken { journey_id: journey.to_owned(), step_number: number, diary_text: "dear diary".to_owned() }
}

fn read(event: &RawEnvelope) -> (String, u32) {
    let step = event.decode::<StepTaken>().expect("it is a step").payload;
    (step.journey_id, step.step_number)
}

type Script = Box<dyn FnMut(&RawEnvelope, usize) -> Settlement + Send>;

/// An adapter that does what it is told, per event and the number of the call.
#[derive(Clone)]
struct Scripted {
    shared: Arc<Shared>,
    capabilities: Capabilities,
    per_event: Duration,
}

struct Shared {
    script: Mutex<Script>,
    calls: Mutex<Vec<Vec<(String, u32)>>>,
    acked: Mutex<Vec<(String, u32)>>,
    under_way: AtomicUsize,
}

impl Scripted {
    fn new(script: impl FnMut(&RawEnvelope, usize) -> Settlement + Send + 'static) -> Self {
        let shared = Shared {
            script: Mutex::new(Box::new(script)),
            calls: Mutex::default(),
            acked: Mutex::default(),
            under_way: AtomicUsize::new(0),
        };
        Self { shared: Arc::new(shared), capabilities: Capabilities::default(), per_event: Duration::ZERO }
    }

    fn slow(mut self, per_event: Duration) -> Self {
        self.per_event = per_event;
        self
    }

    fn able(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    fn calls(&self) -> Vec<Vec<(String, u32)>> {
        self.shared.calls.lock().unwrap().clone()
    }

    fn acked(&self) -> Vec<(String, u32)> {
        self.shared.acked.lock().unwrap().clone()
    }
}

impl Adapter for Scripted {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        assert_eq!(self.shared.under_way.fetch_add(1, SeqCst), 0, "calls come one at a time");
        let number = {
            let mut calls = self.shared.calls.lock().unwrap();
            calls.push(batch.iter().map(read).collect());
            calls.len()
        };
        tokio::time::sleep(self.per_event * u32::try_from(batch.len()).unwrap()).await;
        let mut script = self.shared.script.lock().unwrap();
        let delivery = batch
            .iter()
            .map(|event| {
                let settlement = script(event, number);
                if settlement.is_acked() {
                    self.shared.acked.lock().unwrap().push(read(event));
                }
                settlement
            })
            .collect();
        self.shared.under_way.fetch_sub(1, SeqCst);
        delivery
    }
}

fn ack(_: &RawEnvelope, _: usize) -> Settlement {
    Settlement::Acked
}

async fn to(adapter: impl Adapter, options: AdapterOptions) -> Emissions {
    only(module_path!()).adapter_with("audit", adapter, options).route("**", "audit").start().await.unwrap()
}

/// The law that everything has to obey at every moment of rest.
fn obeys_the_law(emissions: &Emissions, adapter: &str) -> AdapterCounters {
    let counters = emissions.adapter_counters(adapter).unwrap();
    let settled = counters.acked + counters.parked + counters.returned + counters.dropped();
    assert_eq!(counters.handed_over, settled + counters.in_flight, "{counters:?}");
    let all = emissions.counters();
    assert_eq!(all.emitted, all.delivered + all.failed + all.dropped() + all.in_flight, "{all:?}");
    counters
}

/// The wiring that the original documents gives the fast one 10 of 1,000.
#[tokio::test(start_paused = true)]
async fn a_slow_adapter_takes_nothing_from_a_fast_one() {
    let (fast, slow) = (Memory::new(), Scripted::new(ack).slow(Duration::from_millis(50)));
    let options = AdapterOptions::default().capacity(10, 10_000).batch(10, 10_000).overflow(Overflow::ShedNewest);
    let emissions = only(module_path!())
        .adapter("fast", fast.clone())
        .adapter_with("slow", slow.clone(), options)
        .route("journey.**", "fast")
        .route("journey.**", "slow")
        .start()
        .await
        .unwrap();
    let began = Instant::now();
    for number in 0..1000 {
        let _ = emissions.emit(step("a", number)).unwrap();
        // The fast one may have more than its queue holds, not the slow one.
        if number % 500 == 499 {
            fast.wait_for(number as usize + 1).await;
        }
    }
    let arrived: Vec<u32> = fast.wait_for(1000).await.iter().map(|event| read(event).1).collect();
    assert!(arrived.iter().copied().eq(0..1000), "1,000 of 1,000, in order");
    assert!(began.elapsed() < Duration::from_millis(50), "the fast one never waited: {:?}", began.elapsed());

    let report = emissions.shutdown(Duration::from_mins(1)).await;
    let counters = obeys_the_law(&emissions, "slow");
    assert_eq!(counters.handed_over, 1000);
    assert_eq!(counters.acked, slow.acked().len() as u64);
    assert_eq!(counters.dropped_shed, 1000 - counters.acked, "what the slow one missed is counted");
    assert_eq!(counters.in_flight, 0);
    assert_eq!(obeys_the_law(&emissions, "fast").acked, 1000);
    assert_eq!(report.lost, counters.dropped_shed);
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_bounded_in_events_and_in_bytes_and_refuses_as_a_whole() {
    let (memory, stuck) = (Memory::new(), Scripted::new(ack).slow(Duration::from_hours(1)));
    let emissions = only(module_path!())
        .adapter("memory", memory.clone())
        .adapter_with("stuck", stuck, AdapterOptions::default().capacity(3, 1_000_000))
        .route("**", "memory")
        .route("**", "stuck")
        .start()
        .await
        .unwrap();
    for number in 0..3 {
        let _ = emissions.emit(step("a", number)).unwrap();
    }
    memory.wait_for(3).await;
    let error = emissions.emit(step("a", 3)).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::AdapterFull { adapter } if adapter == "stuck"), "{error}");
    assert_eq!(error.event().step_number, 3, "the error owns the event");
    assert_eq!(obeys_the_law(&emissions, "memory").handed_over, 3, "one full queue: nothing is enqueued anywhere");
    assert_eq!(emissions.counters().emitted, 3);

    let options = AdapterOptions::default().capacity(1000, 130);
    let emissions = to(Scripted::new(ack).slow(Duration::from_hours(1)), options).await;
    let admitted = (0..10).take_while(|number| emissions.emit(step("a", *number)).is_ok()).count();
    assert_eq!(admitted, 2, "three payloads have more than 130 bytes");
    let mut large = step("a", 0);
    large.diary_text = "x".repeat(1000);
    let error = emissions.emit(large).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::TooLarge { limit: 130, .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_oldest_makes_room_when_told_so() {
    let slow = Scripted::new(ack).slow(Duration::from_millis(10));
    let options = AdapterOptions::default().capacity(3, 10_000).overflow(Overflow::ShedOldest).batch(1, 10_000);
    let emissions = to(slow.clone(), options).await;
    let _ = emissions.emit(step("a", 0)).unwrap();
    while slow.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    for number in 1..10 {
        let _ = emissions.emit(step("a", number)).unwrap();
    }
    let report = emissions.shutdown(Duration::from_secs(1)).await;
    let numbers: Vec<u32> = slow.acked().iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, [0, 8, 9], "one was under way, the newest two were kept");
    assert_eq!(obeys_the_law(&emissions, "audit").dropped_shed, 7);
    assert_eq!((report.delivered, report.lost), (3, 7));
}

/// In the original, an adapter that errs loses its batch.
#[tokio::test(start_paused = true)]
async fn an_error_of_the_adapter_loses_nothing() {
    let flaky = Scripted::new(|_, call| if call <= 3 { Settlement::retry("not now") } else { Settlement::Acked });
    let emissions = to(flaky.clone(), AdapterOptions::default()).await;
    for journey in 0..20 {
        let _ = emissions.emit(step(&journey.to_string(), 0)).unwrap();
    }
    let report = emissions.shutdown(Duration::from_mins(10)).await;
    assert_eq!((report.delivered, report.parked, report.lost), (20, 0, 0));
    assert_eq!(flaky.acked().len(), 20);
    assert_eq!(obeys_the_law(&emissions, "audit").acked, 20);
}

#[tokio::test(start_paused = true)]
async fn a_partial_failure_is_settled_event_by_event() {
    let partial = Scripted::new(|event, call| match read(event).0.as_str() {
        "b" if call == 1 => Settlement::retry("not now"),
        "c" => Settlement::refused("never"),
        _ => Settlement::Acked,
    });
    let options = AdapterOptions::default().linger(Duration::from_millis(1));
    let emissions = to(partial.clone(), options).await;
    for journey in ["a", "b", "c", "d"] {
        let _ = emissions.emit(step(journey, 1)).unwrap();
    }
    let report = emissions.shutdown(Duration::from_mins(10)).await;
    assert_eq!((report.delivered, report.parked, report.lost), (3, 1, 0));
    let of = |journey: &str| (journey.to_owned(), 1);
    assert_eq!(
        partial.calls(),
        [vec![of("a"), of("b"), of("c"), of("d")], vec![of("b")]],
        "only what failed comes again"
    );
    let letters = emissions.dead_letters().list().await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].reason, letters[0].attempts, read(&letters[0].event)), (ParkReason::Refused, 1, of("c")));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_fails_holds_back_later_ones_of_its_key_and_nobody_else() {
    for capabilities in [Capabilities::default(), Capabilities::default().ordered()] {
        let mut failures = 0;
        let mut broken = None;
        let adapter = Scripted::new(move |event, call| {
            let (journey, number) = read(event);
            // An ordered adapter takes no later one of the key either.
            if journey == "a" && (number == 1 && failures < 2 || broken == Some(call)) {
                if number == 1 {
                    failures += 1;
                }
                broken = Some(call);
                return Settlement::retry("not now");
            }
            Settlement::Acked
        })
        .able(capabilities);
        let emissions = to(adapter.clone(), AdapterOptions::default().linger(Duration::from_millis(1))).await;
        for number in 0..5 {
            let _ = emissions.emit(step("a", number)).unwrap();
            let _ = emissions.emit(step("b", number)).unwrap();
        }
        let report = emissions.shutdown(Duration::from_mins(10)).await;
        assert_eq!((report.delivered, report.lost), (10, 0));
        let of = |journey: &str| -> Vec<u32> {
            adapter.acked().into_iter().filter(|(j, _)| j == journey).map(|(_, number)| number).collect()
        };
        assert_eq!(of("a"), [0, 1, 2, 3, 4], "{capabilities}");
        assert_eq!(of("b"), [0, 1, 2, 3, 4], "{capabilities}");
        let acked = adapter.acked();
        let at = |wanted: (&str, u32)| acked.iter().position(|(j, n)| (j.as_str(), *n) == wanted).unwrap();
        assert!(at(("b", 4)) < at(("a", 1)), "the other key went on");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_given_up_lets_those_behind_it_in_its_batch_go_on() {
    let adapter = Scripted::new(|_, call| if call == 1 { Settlement::retry("not now") } else { Settlement::Acked })
        .able(Capabilities::default().ordered());
    let once = AdapterOptions::default().retry(1, Duration::ZERO, Duration::ZERO).without_breaker();
    let emissions = to(adapter.clone(), once.linger(Duration::from_millis(1))).await;
    for number in 0..3 {
        let _ = emissions.emit(step("a", number)).unwrap();
    }
    tokio::time::sleep(Duration::from_mins(1)).await;
    let counters = obeys_the_law(&emissions, "audit");
    assert_eq!((counters.parked, counters.acked, counters.in_flight), (1, 2, 0));
    assert_eq!(adapter.acked(), [("a".to_owned(), 1), ("a".to_owned(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_leaves_nobody_waiting_behind_one_of_their_key_that_was_given_back() {
    let adapter = Scripted::new(|_, call| if call == 1 { Settlement::retry("down") } else { Settlement::Acked })
        .able(Capabilities::default().ordered());
    let options = AdapterOptions::default().breaker(1, Duration::from_secs(5)).linger(Duration::from_millis(1));
    let emissions = to(adapter.clone(), options).await;
    let both = futures::future::join(emissions.emit_async(step("a", 0)), emissions.emit_async(step("a", 1)));
    let (first, second) = tokio::time::timeout(Duration::from_mins(1), both).await.expect("nobody waits for ever");
    assert!(first.is_err() && second.is_err(), "an outage fails both at once");
    assert_eq!(obeys_the_law(&emissions, "audit").in_flight, 0);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let later = tokio::time::timeout(Duration::from_mins(1), emissions.emit_async(step("a", 2))).await;
    assert!(later.is_ok(), "the key goes on");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_behind_one_that_is_tried_again_lets_nobody_overtake_it() {
    let adapter = Scripted::new(|event, call| match (call, read(event).1) {
        (_, 2) => Settlement::refused("unreadable"),
        (1, _) => Settlement::retry("not now"),
        _ => Settlement::Acked,
    })
    .able(Capabilities::default().ordered());
    let options = AdapterOptions::default().retry(3, Duration::from_secs(1), Duration::from_secs(1));
    let emissions = to(adapter.clone(), options.linger(Duration::from_millis(1))).await;
    for number in 0..4 {
        let _ = emissions.emit(step("a", number)).unwrap();
    }
    let report = emissions.shutdown(Duration::from_mins(10)).await;
    assert_eq!((report.delivered, report.parked, report.lost), (3, 1, 0));
    let numbers: Vec<u32> = adapter.acked().into_iter().map(|(_, number)| number).collect();
    assert_eq!(numbers, [0, 1, 3]);
}

#[tokio::test(start_paused = true)]
async fn batches_are_limited_by_count_by_bytes_and_by_linger() {
    let adapter = Scripted::new(ack);
    let options = AdapterOptions::default().batch(4, 10_000).linger(Duration::from_millis(100));
    let emissions = to(adapter.clone(), options).await;
    for journey in 0..6 {
        let _ = emissions.emit(step(&journey.to_string(), 0)).unwrap();
    }
    let began = Instant::now();
    while adapter.acked().len() < 6 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(adapter.calls().iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
    assert!((100..=110).contains(&began.elapsed().as_millis()), "the second lingered: {:?}", began.elapsed());

    let adapter = Scripted::new(ack);
    let options = AdapterOptions::default().batch(100, 130).linger(Duration::from_millis(100));
    let emissions = to(adapter.clone(), options).await;
    for journey in 0..5 {
        let _ = emissions.emit(step(&journey.to_string(), 0)).unwrap();
    }
    let report = emissions.shutdown(Duration::from_mins(10)).await;
    assert_eq!(report.delivered, 5);
    assert_eq!(adapter.calls().iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_and_a_panicking_adapter_fail_their_events_for_now() {
    struct Hangs(AtomicUsize);
    impl Adapter for Hangs {
        fn capabilities(&self) -> Capabilities {
            Capabilities::default()
        }

        async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
            match self.0.fetch_add(1, SeqCst) {
                0 => std::future::pending().await,
                1 => panic!("no such disk"),
                2 => Delivery::from_iter([]),
                _ => Delivery::acked(batch),
            }
        }
    }
    let options = AdapterOptions::default().timeout(Duration::from_secs(3)).retry(3, Duration::ZERO, Duration::ZERO);
    let emissions = to(Hangs(AtomicUsize::new(0)), options.without_breaker()).await;
    let _ = emissions.emit(step("a", 1)).unwrap();
    let report = emissions.shutdown(Duration::from_mins(1)).await;
    assert_eq!((report.delivered, report.parked, report.lost), (0, 1, 0));
    let letters = emissions.dead_letters().list().await.unwrap();
    assert_eq!(
        letters[0].errors,
        [
            "the adapter did not answer within 3s",
            "the adapter panicked: no such disk",
            "the adapter settled 0 of 1 events"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn pauses_between_attempts_have_jitter_and_respect_retry_after() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let adapter = Scripted::new(move |_, call| {
        seen.lock().unwrap().push(Instant::now());
        match call {
            1 => Settlement::retry_after("busy", Duration::from_secs(77)),
            2 => Settlement::retry("busy"),
            _ => Settlement::Acked,
        }
    });
    let options = AdapterOptions::default().retry(5, Duration::from_secs(1), Duration::from_secs(8));
    let emissions = to(adapter, options).await;
    let _ = emissions.emit(step("a", 1)).unwrap();
    let _ = emissions.shutdown(Duration::from_mins(10)).await;
    let times = times.lock().unwrap();
    assert!(times[1] - times[0] >= Duration::from_secs(77));
    assert!(times[2] - times[1] <= Duration::from_secs(2), "at most double the first bound");
}

#[tokio::test(start_paused = true)]
async fn an_outage_parks_nothing_and_is_probed_one_event_at_a_time() {
    let up = Arc::new(AtomicUsize::new(0));
    let is_up = Arc::clone(&up);
    let adapter =
        Scripted::new(move |_, _| if is_up.load(SeqCst) == 1 { Settlement::Acked } else { Settlement::retry("down") });
    let options = AdapterOptions::default()
        .retry(4, Duration::from_millis(1), Duration::from_millis(10))
        .breaker(3, Duration::from_secs(5));
    let emissions = to(adapter.clone(), options).await;
    for journey in 0..50 {
        let _ = emissions.emit(step(&journey.to_string(), 0)).unwrap();
    }
    tokio::time::sleep(Duration::from_hours(1)).await;
    let counters = obeys_the_law(&emissions, "audit");
    assert_eq!((counters.in_flight, counters.parked), (50, 0), "an hour's outage burnt nothing");
    let calls = adapter.calls();
    assert!(calls[3..].iter().all(|batch| batch.len() == 1), "probes have one event");
    assert!((600..760).contains(&calls.len()), "one probe each five seconds: {}", calls.len());

    let error = emissions.emit_async(step("gated", 0)).await.unwrap_err();
    assert!(error.to_string().contains("the adapter's circuit is open"), "{error}");

    up.store(1, SeqCst);
    let report = emissions.shutdown(Duration::from_mins(1)).await;
    assert_eq!((report.delivered, report.lost), (50, 0));
    assert_eq!(adapter.acked().len(), 50);
}

#[tokio::test(start_paused = true)]
async fn what_exhausts_its_retries_is_parked_and_can_be_redriven() {
    let up = Arc::new(AtomicUsize::new(0));
    let is_up = Arc::clone(&up);
    let adapter = Scripted::new(move |_, _| {
        if is_up.load(SeqCst) == 1 { Settlement::Acked } else { Settlement::retry(std::io::Error::other("disk full")) }
    });
    let options = AdapterOptions::default().retry(3, Duration::from_millis(1), Duration::from_millis(10));
    let emissions = to(adapter.clone(), options.without_breaker()).await;
    let admission = emissions.emit(step("a", 7)).unwrap();
    while obeys_the_law(&emissions, "audit").parked == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let letters = emissions.dead_letters().list().await.unwrap();
    let letter = &letters[0];
    assert_eq!((letter.event_id(), letter.adapter.as_str()), (admission.event_id(), "audit"));
    assert_eq!((letter.attempts, letter.reason), (3, ParkReason::AttemptsExhausted));
    assert_eq!(letter.errors, ["disk full"; 3]);
    assert_eq!(read(&letter.event), ("a".to_owned(), 7), "the bytes are whole");
    for text in [format!("{letter:?}"), letter.to_string()] {
        assert!(!text.contains("diary"), "no sensitive content is shown: {text}");
    }

    let report = emissions.dead_letters().redrive().await.unwrap();
    assert_eq!((report.delivered.len(), report.failed.len()), (0, 1), "still down");
    assert_eq!(emissions.dead_letters().list().await.unwrap().len(), 1, "the letter stays");
    up.store(1, SeqCst);
    let report = emissions.dead_letters().redrive().await.unwrap();
    assert_eq!(report.delivered, [admission.event_id()]);
    assert!(emissions.dead_letters().list().await.unwrap().is_empty());
    let counters = obeys_the_law(&emissions, "audit");
    assert_eq!((counters.handed_over, counters.parked, counters.returned, counters.acked), (3, 1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_takes_nothing_more_is_counted() {
    let adapter = Scripted::new(|_, _| Settlement::refused("never"));
    let emissions = only(module_path!())
        .adapter("audit", adapter)
        .route("**", "audit")
        .dead_letters(MemoryDeadLetters::new(2))
        .start()
        .await
        .unwrap();
    for journey in 0..5 {
        let _ = emissions.emit(step(&journey.to_string(), 0)).unwrap();
    }
    let report = emissions.shutdown(Duration::from_mins(1)).await;
    let counters = obeys_the_law(&emissions, "audit");
    assert_eq!((counters.parked, counters.dropped_unparked), (2, 3));
    assert_eq!((report.parked, report.lost), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_a_shutdown_loses_what_is_left_and_says_so() {
    let slow = Scripted::new(ack).slow(Duration::from_secs(1));
    let emissions = to(slow.clone(), AdapterOptions::default().batch(1, 1000)).await;
    for journey in 0..10 {
        let _ = emissions.emit(step(&journey.to_string(), 0)).unwrap();
    }
    let report = emissions.shutdown(Duration::from_millis(3500)).await;
    assert_eq!((report.delivered, report.parked, report.lost), (3, 0, 7));
    assert_eq!(obeys_the_law(&emissions, "audit").dropped_shutdown, 7);
    assert!(report.lossless().is_err());
    let error = emissions.emit(step("late", 0)).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::ShutDown));
}

#[tokio::test]
async fn a_durable_store_keeps_what_the_deadline_of_a_shutdown_cut_off() {
    let path = crate::support::scratch("shutdown.jsonl");
    let stuck = Scripted::new(ack).slow(Duration::from_hours(1));
    let emissions = only(module_path!())
        .adapter("audit", stuck)
        .route("**", "audit")
        .dead_letters(JsonLinesDeadLetters::create(&path).unwrap())
        .start()
        .await
        .unwrap();
    for journey in 0..10 {
        let _ = emissions.emit(step(&journey.to_string(), 4)).unwrap();
    }
    let report = emissions.shutdown(Duration::ZERO).await;
    assert_eq!((report.delivered, report.parked, report.lost), (0, 10, 0));
    drop(emissions);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 10);
    assert!(!text.contains("dear diary") && text.contains("journey.step_taken.v1"), "{text}");

    // The next process delivers them.
    let memory = Memory::new();
    let emissions = only(module_path!())
        .adapter("audit", memory.clone())
        .route("**", "audit")
        .dead_letters(JsonLinesDeadLetters::create(&path).unwrap())
        .start()
        .await
        .unwrap();
    let report = emissions.dead_letters().redrive().await.unwrap();
    assert_eq!((report.delivered.len(), report.failed.len()), (10, 0));
    let mut arrived: Vec<_> = memory.events().iter().map(read).collect();
    arrived.sort();
    assert!(arrived.iter().map(|(journey, _)| journey.clone()).eq((0..10).map(|journey| journey.to_string())));
    drop(emissions);
    while JsonLinesDeadLetters::create(&path).is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "", "compacted");
}

/// Adapters that do anything, many emitters, and a shutdown in the middle of it.
#[tokio::test(start_paused = true)]
async fn the_law_holds_whatever_adapters_do() {
    for seed in 0..20 {
        let mut random = Random(seed + 1);
        let mut script = Random(seed + 100);
        let wild = Scripted::new(move |_, _| match script.below(6) {
            0 => Settlement::retry("not now"),
            1 => Settlement::refused("never"),
            2 => Settlement::retry_after("busy", Duration::from_millis(40)),
            _ => Settlement::Acked,
        })
        .slow(Duration::from_millis(3));
        let overflow = [Overflow::Block, Overflow::ShedNewest, Overflow::ShedOldest][seed as usize % 3];
        let options = AdapterOptions::default()
            .capacity(20, 100_000)
            .overflow(overflow)
            .batch(7, 1000)
            .retry(3, Duration::from_millis(1), Duration::from_millis(20))
            .breaker(2, Duration::from_millis(50));
        let memory = Memory::new();
        let emissions = only(module_path!())
            .adapter_with("wild", wild.clone(), options)
            .adapter("memory", memory.clone())
            .route("journey.*", "wild")
            .route("**", "memory")
            .start()
            .await
            .unwrap();
        let mut admitted = 0_u64;
        for number in 0..300 {
            let journey = random.below(9).to_string();
            match random.below(10) {
                0 => {
                    let wait =
                        emissions.emission(step(&journey, number)).within(Duration::from_millis(30)).emit_async();
                    let _ = tokio::time::timeout(Duration::from_millis(u64::from(random.below(60))), wait).await;
                    admitted += 1;
                }
                1 => tokio::time::sleep(Duration::from_millis(u64::from(random.below(30)))).await,
                _ => admitted += u64::from(emissions.emit(step(&journey, number)).is_ok()),
            }
            obeys_the_law(&emissions, "wild");
        }
        let report = emissions.shutdown(Duration::from_millis(200)).await;
        let (wild_counters, memory_counters) = (obeys_the_law(&emissions, "wild"), obeys_the_law(&emissions, "memory"));
        assert_eq!((wild_counters.in_flight, memory_counters.in_flight), (0, 0));
        let counters = emissions.counters();
        assert_eq!((counters.emitted, counters.in_flight), (admitted, 0));
        assert_eq!(report.delivered + report.parked + report.lost + counters.dropped_cancelled, admitted);
        assert_eq!(memory.len() as u64, memory_counters.acked);
        assert!(wild_counters.acked <= wild.acked().len() as u64);
    }
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 % u64::from(bound)).unwrap()
    }
}
