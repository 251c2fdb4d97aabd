//! Adapters with one fault each: the suite finds every one of them.

use std::sync::{Arc, Mutex};

use emissions::{
    Adapter, Capabilities, Delivery, RawEnvelope, Settlement, Uuid,
    testing::{AdapterHarness, Check, adapter_conformance},
};

/// What is wrong with an adapter.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    SettlesTooFew,
    LiesAboutAcks,
    ChangesPayloads,
    DropsAttributes,
    ReversesBatches,
    AcksWhatWasTurnedAway,
    RefusesForGood,
    GoesOnBehindAFailure,
    TakesHalfABatch,
    KeepsDuplicates,
    RefusesDuplicates,
    TakesTooMuch,
    RefusesTheLargest,
    ForgetsInACrash,
    StaysDown,
    Hangs,
}

#[derive(Clone)]
struct Faulty {
    fault: Fault,
    atomic: bool,
    shared: Arc<Mutex<Store>>,
}

#[derive(Default)]
struct Store {
    events: Vec<RawEnvelope>,
    /// Acknowledged, and not yet where a crash can't reach it.
    volatile: usize,
    turned_away: Option<Uuid>,
    down: bool,
}

const LIMIT: usize = 1000;

impl Adapter for Faulty {
    fn capabilities(&self) -> Capabilities {
        let capabilities = Capabilities::default().ordered().durable().dedupe().max_bytes(LIMIT);
        if self.atomic { capabilities.atomic_batch() } else { capabilities }
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let fault = self.fault;
        if fault == Fault::Hangs && batch.len() == 7 {
            std::future::pending::<()>().await;
        }
        let mut store = self.shared.lock().unwrap();
        if store.down {
            return Delivery::retry(batch, "down");
        }
        let away = |event: &RawEnvelope| store.turned_away == Some(event.event_id);
        if self.atomic && fault != Fault::TakesHalfABatch && batch.iter().any(away) {
            return Delivery::retry(batch, "all or none");
        }
        let mut order: Vec<&RawEnvelope> = batch.iter().collect();
        if fault == Fault::ReversesBatches {
            order.reverse();
        }
        let mut failed = Vec::new();
        let mut settlements = Vec::new();
        for event in order {
            settlements.push((event.event_id, store.settle(fault, event, &mut failed)));
        }
        let mut delivery: Vec<Settlement> = Vec::new();
        for event in batch {
            let at = settlements.iter().position(|(id, _)| *id == event.event_id).unwrap();
            delivery.push(settlements.swap_remove(at).1);
        }
        if fault == Fault::SettlesTooFew && delivery.len() > 2 {
            delivery.pop();
        }
        delivery.into_iter().collect()
    }
}

impl Store {
    fn settle(&mut self, fault: Fault, event: &RawEnvelope, failed: &mut Vec<RawEnvelope>) -> Settlement {
        let behind = failed
            .iter()
            .any(|earlier| earlier.partition_key.is_some() && earlier.partition_key == event.partition_key);
        if behind && fault != Fault::GoesOnBehindAFailure {
            return Settlement::retry("behind a failure");
        }
        if self.turned_away == Some(event.event_id) {
            failed.push(event.clone());
            return match fault {
                Fault::AcksWhatWasTurnedAway => Settlement::Acked,
                Fault::RefusesForGood => Settlement::refused("turned away"),
                _ => Settlement::retry("turned away"),
            };
        }
        let limit = if fault == Fault::RefusesTheLargest { LIMIT - 1 } else { LIMIT };
        if event.payload.len() > limit && fault != Fault::TakesTooMuch {
            return Settlement::refused("too large");
        }
        let known = self.events.iter().any(|kept| kept.event_id == event.event_id);
        if known && fault != Fault::KeepsDuplicates {
            return if fault == Fault::RefusesDuplicates { Settlement::retry("seen") } else { Settlement::Acked };
        }
        if fault == Fault::LiesAboutAcks && event.subject.as_deref().is_some_and(|subject| subject.ends_with('3')) {
            return Settlement::Acked;
        }
        let mut kept = event.clone();
        match fault {
            Fault::ChangesPayloads => {
                kept.payload = String::from_utf8_lossy(&event.payload).to_uppercase().into_bytes().into();
            }
            Fault::DropsAttributes => kept.head.attributes = emissions::envelope::Attributes::default(),
            _ => {}
        }
        self.events.push(kept);
        self.volatile = 1;
        Settlement::Acked
    }
}

struct FaultyHarness {
    fault: Fault,
    atomic: bool,
    shared: Arc<Mutex<Store>>,
}

impl AdapterHarness for FaultyHarness {
    type Adapter = Faulty;

    async fn open(&mut self) -> Faulty {
        Faulty { fault: self.fault, atomic: self.atomic, shared: Arc::clone(&self.shared) }
    }

    async fn received(&mut self) -> Vec<RawEnvelope> {
        self.shared.lock().unwrap().events.clone()
    }

    async fn turn_away(&mut self, event_id: Option<Uuid>) -> bool {
        self.shared.lock().unwrap().turned_away = event_id;
        true
    }

    async fn crash(&mut self, _: Faulty) {
        let mut store = self.shared.lock().unwrap();
        match self.fault {
            Fault::ForgetsInACrash => {
                let kept = store.events.len() - store.volatile;
                store.events.truncate(kept);
            }
            Fault::StaysDown => store.down = true,
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_fault_fails_its_check() {
    for (fault, atomic, expected) in [
        (Fault::None, false, &[][..]),
        (Fault::None, true, &[]),
        (Fault::SettlesTooFew, false, &[Check::SettlesEach]),
        (Fault::LiesAboutAcks, false, &[Check::AcksAreTrue]),
        (Fault::ChangesPayloads, false, &[Check::Faithful]),
        (Fault::DropsAttributes, false, &[Check::Faithful]),
        (Fault::ReversesBatches, false, &[Check::Order]),
        (Fault::AcksWhatWasTurnedAway, false, &[Check::PartialFailure, Check::AcksAreTrue]),
        (Fault::RefusesForGood, false, &[Check::PartialFailure]),
        (Fault::GoesOnBehindAFailure, false, &[Check::OrderUnderFailure]),
        (Fault::TakesHalfABatch, true, &[Check::AtomicBatch]),
        (Fault::KeepsDuplicates, false, &[Check::Duplicates]),
        (Fault::RefusesDuplicates, false, &[Check::Duplicates]),
        (Fault::TakesTooMuch, false, &[Check::SizeLimit]),
        (Fault::RefusesTheLargest, false, &[Check::SizeLimit]),
        (Fault::ForgetsInACrash, false, &[Check::CrashAndRestart]),
        (Fault::StaysDown, false, &[Check::CrashAndRestart]),
        (Fault::Hangs, false, &[Check::AcksAreTrue]),
    ] {
        let harness = FaultyHarness { fault, atomic, shared: Arc::default() };
        let result = adapter_conformance(harness).await;
        let Err(found) = result else {
            assert!(expected.is_empty(), "{fault:?} was not found");
            continue;
        };
        for check in expected {
            assert!(found.failed(*check), "{fault:?}: {check} passed\n{found}");
        }
        assert!(!expected.is_empty(), "{fault:?}: {found}");
    }
}
