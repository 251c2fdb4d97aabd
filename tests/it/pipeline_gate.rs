//! Adapters hold the gate.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use emissions::{
    AdapterOptions, Emissions, GateError, Outcome, RawEnvelope, Role, Settlement, adapters::Memory, event, on_event,
};
use serde::{Serialize, Serializer};

use crate::support::{Journal, only};

/// A ticket was sold.
#[event(name = "ticket.sold")]
pub(crate) struct TicketSold {
    /// Ticket the event is about.
    ticket_id: u64,
}

#[on_event]
async fn print(_: &TicketSold, journal: &Journal) {
    journal.note("print");
}

/// A ticket was returned; nobody in this process listens.
#[event(name = "ticket.returned")]
pub(crate) struct TicketReturned {
    /// Ticket the event is about.
    ticket_id: u64,
}

/// A ticket was lost; counts how often it is serialised.
#[event(name = "ticket.lost")]
pub(crate) struct TicketLost {
    /// How often it was counted.
    #[serde(serialize_with = "counted")]
    counted_id: u64,
}

static SERIALISED: AtomicUsize = AtomicUsize::new(0);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn counted<S: Serializer>(id: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    SERIALISED.fetch_add(1, SeqCst);
    id.serialize(serializer)
}

#[on_event(name = "ticket.lost")]
async fn remember(event: &RawEnvelope, journal: &Journal) {
    journal.note(format_args!("remember {}", event.event_type));
}

struct World {
    emissions: Emissions,
    journal: Arc<Journal>,
    memory: Memory,
    sent: Arc<AtomicUsize>,
    fails: Arc<AtomicUsize>,
}

/// Two adapters: one in memory, one that fails as often as told.
async fn start() -> World {
    let (journal, memory) = (Arc::new(Journal::default()), Memory::new());
    let (sent, fails) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, left) = (Arc::clone(&sent), Arc::clone(&fails));
    let flaky = Flaky { sent: count, fails: left };
    let once = AdapterOptions::default().retry(1, Duration::ZERO, Duration::ZERO).without_breaker();
    let emissions = only(module_path!())
        .provide_arc(Arc::clone(&journal))
        .adapter("memory", memory.clone())
        .adapter_with("flaky", flaky, once)
        .route("ticket.*", "memory")
        .route("ticket.*", "flaky")
        .start()
        .await
        .unwrap();
    World { emissions, journal, memory, sent, fails }
}

struct Flaky {
    sent: Arc<AtomicUsize>,
    fails: Arc<AtomicUsize>,
}

impl emissions::Adapter for Flaky {
    fn capabilities(&self) -> emissions::Capabilities {
        emissions::Capabilities::default()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> emissions::Delivery {
        self.sent.fetch_add(batch.len(), SeqCst);
        let settle = |_: &RawEnvelope| {
            let failing = self.fails.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
            if failing { Settlement::retry("no connection") } else { Settlement::Acked }
        };
        batch.iter().map(settle).collect()
    }
}

#[tokio::test]
async fn a_gate_waits_for_the_word_of_every_adapter() {
    let world = start().await;
    let gate = world.emissions.emit_async(TicketSold { ticket_id: 1 }).await.unwrap();
    let listener = format!("{}::print", module_path!());
    let participants: Vec<_> = gate.report().iter().map(|entry| (entry.id.to_string(), entry.role)).collect();
    assert_eq!(
        participants,
        [("flaky".to_owned(), Role::Adapter), (listener, Role::Gate), ("memory".to_owned(), Role::Adapter)]
    );
    assert!(gate.report().iter().all(|entry| entry.outcome.is_success() && entry.attempts == 1));
    assert_eq!(world.memory.events()[0].event_id, gate.event_id());
}

#[tokio::test]
async fn an_adapter_alone_holds_the_gate_of_an_event_without_listeners() {
    let world = start().await;
    let gate = world.emissions.emit_async(TicketReturned { ticket_id: 1 }).await.unwrap();
    assert_eq!(gate.report().len(), 2);
}

#[tokio::test]
async fn an_adapter_that_fails_keeps_the_gate_shut_and_only_it_is_tried_again() {
    let world = start().await;
    world.fails.store(1, SeqCst);
    let error = world.emissions.emit_async(TicketSold { ticket_id: 1 }).await.unwrap_err();
    let failures = error.failures();
    assert_eq!(failures.len(), 1);
    assert_eq!((&*failures[0].id, failures[0].role, failures[0].attempts), ("flaky", Role::Adapter, 1));
    assert!(matches!(&failures[0].outcome, Outcome::Failed(error) if error.to_string() == "no connection"));
    let event_id = error.event_id();
    assert!(world.emissions.dead_letters().list().await.unwrap().is_empty(), "the caller has the event");

    let gate = error.retry_failed(&world.emissions).await.unwrap();
    assert_eq!((gate.event_id(), gate.report().len()), (event_id, 3));
    assert_eq!(world.journal.entries(), ["print"], "the listener ran once");
    assert_eq!(world.sent.load(SeqCst), 2);
    let counters = world.emissions.adapter_counters("memory").unwrap();
    assert_eq!(counters.handed_over, 1, "what succeeded is not sent again");
    let counters = world.emissions.adapter_counters("flaky").unwrap();
    assert_eq!((counters.handed_over, counters.returned, counters.acked), (2, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_is_given_up_takes_its_event_out_of_the_queue() {
    struct Stuck;
    impl emissions::Adapter for Stuck {
        fn capabilities(&self) -> emissions::Capabilities {
            emissions::Capabilities::default()
        }

        async fn deliver(&self, batch: &[RawEnvelope]) -> emissions::Delivery {
            tokio::time::sleep(Duration::from_secs(10)).await;
            emissions::Delivery::acked(batch)
        }
    }
    let emissions = only(module_path!())
        .provide(Journal::default())
        .adapter_with("stuck", Stuck, AdapterOptions::default().batch(1, 1))
        .route("ticket.*", "stuck")
        .start()
        .await
        .unwrap();
    let _ = emissions.emit(TicketReturned { ticket_id: 1 }).unwrap();
    tokio::task::yield_now().await;
    let second = emissions.emit_async(TicketReturned { ticket_id: 2 });
    assert!(tokio::time::timeout(Duration::from_secs(1), second).await.is_err(), "the first is under way");
    let third = emissions.emission(TicketReturned { ticket_id: 3 }).within(Duration::from_secs(1)).emit_async();
    let error = third.await.unwrap_err();
    assert!(matches!(error, GateError::Failed(_)) && matches!(error.failures()[0].outcome, Outcome::TimedOut(_)));
    let report = emissions.shutdown(Duration::from_mins(1)).await;
    let counters = emissions.adapter_counters("stuck").unwrap();
    assert_eq!((counters.acked, counters.dropped_cancelled, counters.in_flight), (1, 2, 0), "{counters:?}");
    assert_eq!(report.delivered, 1);
}

#[tokio::test]
async fn an_event_is_serialised_once_for_all_adapters_and_listeners_of_bytes() {
    let world = start().await;
    let _ = world.emissions.emit_async(TicketLost { counted_id: 1 }).await.unwrap();
    assert_eq!(SERIALISED.swap(0, SeqCst), 1);
    let _ = world.emissions.emit(TicketLost { counted_id: 2 }).unwrap();
    let report = world.emissions.shutdown(Duration::from_secs(10)).await;
    assert_eq!(report.delivered, 2);
    assert_eq!(SERIALISED.load(SeqCst), 1);
    assert_eq!(world.journal.entries(), ["remember ticket.lost"; 2]);
    assert_eq!(world.memory.len(), 2);
}

/// An adapter whose calls wait until they may go on.
#[derive(Clone)]
struct Waits(Arc<tokio::sync::Semaphore>);

impl emissions::Adapter for Waits {
    fn capabilities(&self) -> emissions::Capabilities {
        emissions::Capabilities::default()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> emissions::Delivery {
        self.0.acquire().await.expect("never closed").forget();
        batch.iter().map(|_| Settlement::Acked).collect()
    }
}

fn threaded() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads can be had")
}

#[test]
fn another_executor_may_wait_for_adapters_with_a_deadline() {
    let runtime = threaded();
    let world = runtime.block_on(start());
    let emission = world.emissions.emission(TicketReturned { ticket_id: 1 }).within(Duration::from_mins(1));
    let gate = futures::executor::block_on(emission.emit_async()).unwrap();
    assert_eq!(gate.report().len(), 2);
}

#[test]
fn another_executor_may_wait_for_room_in_several_queues() {
    for first in [0, 1] {
        let runtime = threaded();
        let gates = [(); 2].map(|()| Arc::new(tokio::sync::Semaphore::new(0)));
        let one = AdapterOptions::default().capacity(1, 1024);
        let emissions = runtime.block_on(async {
            only(module_path!())
                .provide(Journal::default())
                .adapter_with("left", Waits(Arc::clone(&gates[0])), one)
                .adapter_with("right", Waits(Arc::clone(&gates[1])), one)
                .route("ticket.returned", "left")
                .route("ticket.returned", "right")
                .start()
                .await
                .unwrap()
        });
        let _ = emissions.emit(TicketReturned { ticket_id: 1 }).unwrap();
        let buffer = emissions.start();
        buffer.emit(TicketReturned { ticket_id: 2 }).unwrap();
        let mut commit = Box::pin(buffer.commit());
        let mut poll = || commit.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        assert!(poll().is_pending(), "both are full");
        for adapter in [first, 1 - first] {
            // What was acknowledged gives its room back a moment later.
            for _ in 0..1_000 {
                assert!(poll().is_pending(), "one is full");
                std::thread::yield_now();
            }
            gates[adapter].add_permits(1);
            let name = ["left", "right"][adapter];
            while emissions.adapter_counters(name).unwrap().acked == 0 {
                std::thread::yield_now();
            }
        }
        while poll().is_pending() {
            std::thread::yield_now();
        }
        gates.iter().for_each(|gate| gate.add_permits(1));
        let report = runtime.block_on(emissions.shutdown(Duration::from_secs(30)));
        assert_eq!((report.delivered, report.lost), (2, 0));
    }
}
