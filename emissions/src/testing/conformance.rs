//! What every adapter has to do: one suite for all, driven by what an adapter says it can.

use std::{collections::BTreeSet, error::Error, fmt, future::Future, sync::Arc, time::Duration};

use uuid::Uuid;

use crate::{
    envelope::{Attributes, EnvelopeHead, RawEnvelope, Timestamp, foreign::Foreign},
    pipeline::{
        adapter::Adapter,
        capabilities::Capabilities,
        delivery::{Delivery, Settlement},
    },
};

/// How long one call of the adapter may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// An adapter under test, with the other side of it.
pub trait AdapterHarness: Send {
    /// The adapter.
    type Adapter: Adapter;

    /// Opens the adapter on the destination; again after [`crash`](Self::crash), on the same one.
    fn open(&mut self) -> impl Future<Output = Self::Adapter> + Send;

    /// Everything that readers of the destination see at this moment, in order, duplicates included;
    /// read from the destination, not remembered by the adapter.
    fn received(&mut self) -> impl Future<Output = Vec<RawEnvelope>> + Send;

    /// Makes the destination turn this event away for now, until told otherwise with `None`; false
    /// if it can't be made to.
    fn turn_away(&mut self, event_id: Option<Uuid>) -> impl Future<Output = bool> + Send {
        let _ = event_id;
        async { false }
    }

    /// Ends the adapter as a crash would: nothing is flushed or closed that a crash would not flush
    /// or close. By default it is dropped.
    fn crash(&mut self, adapter: Self::Adapter) -> impl Future<Output = ()> + Send {
        async move { drop(adapter) }
    }
}

/// One thing an adapter has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Check {
    /// There is one settlement per event of a batch.
    SettlesEach,
    /// What it acknowledges is there.
    AcksAreTrue,
    /// What arrives is what was sent: envelope and payload, byte for byte.
    Faithful,
    /// Events of one key arrive in their order, over batches and within them.
    Order,
    /// An event that is turned away is not acknowledged; the others of its batch are settled truly.
    PartialFailure,
    /// An adapter that is ordered takes nothing of a key behind an event it could not take.
    OrderUnderFailure,
    /// An adapter with atomic batches takes a batch as a whole or not at all.
    AtomicBatch,
    /// An event delivered again is acknowledged again; with dedupe there is one copy.
    Duplicates,
    /// The largest event is taken, and a larger one refused for good.
    SizeLimit,
    /// What a durable adapter has acknowledged outlives a crash, and the adapter goes on.
    CrashAndRestart,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SettlesEach => "settles each event",
            Self::AcksAreTrue => "acknowledgements are true",
            Self::Faithful => "faithful to the byte",
            Self::Order => "order",
            Self::PartialFailure => "partial failure",
            Self::OrderUnderFailure => "order under failure",
            Self::AtomicBatch => "atomic batch",
            Self::Duplicates => "duplicates",
            Self::SizeLimit => "size limit",
            Self::CrashAndRestart => "crash and restart",
        })
    }
}

/// What an adapter was shown to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConformanceReport {
    /// What it says it can.
    pub capabilities: Capabilities,
    /// Checks that passed.
    pub passed: Vec<Check>,
    /// Checks that do not apply: what they are about is not promised, or the harness can't do it.
    pub skipped: Vec<Check>,
}

/// An adapter does not do what it has to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NonConformance {
    /// Every check that failed, and how.
    pub failures: Vec<(Check, String)>,
    /// The others.
    pub report: ConformanceReport,
}

impl NonConformance {
    /// Whether this check failed.
    pub fn failed(&self, check: Check) -> bool {
        self.failures.iter().any(|(failed, _)| *failed == check)
    }
}

impl fmt::Display for NonConformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the adapter ({}) failed {} check(s)", self.report.capabilities, self.failures.len())?;
        for (check, how) in &self.failures {
            write!(f, "\n  {check}: {how}")?;
        }
        Ok(())
    }
}

impl Error for NonConformance {}

/// Runs every check that applies to the adapter.
///
/// # Errors
///
/// Every check that failed, with what was seen.
///
/// ```
/// use emissions::{RawEnvelope, adapters::Memory, testing::{AdapterHarness, adapter_conformance}};
///
/// struct InMemory(Memory);
///
/// impl AdapterHarness for InMemory {
///     type Adapter = Memory;
///
///     async fn open(&mut self) -> Memory {
///         self.0.clone()
///     }
///
///     async fn received(&mut self) -> Vec<RawEnvelope> {
///         self.0.events()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), emissions::testing::NonConformance> {
/// let report = adapter_conformance(InMemory(Memory::new())).await?;
/// println!("{:?}", report.passed);
/// # Ok(()) }
/// ```
pub async fn adapter_conformance<H: AdapterHarness>(mut harness: H) -> Result<ConformanceReport, NonConformance> {
    let adapter = harness.open().await;
    let capabilities = adapter.capabilities();
    let mut suite = Suite {
        harness,
        adapter: Some(adapter),
        capabilities,
        sent: 0,
        passed: Vec::new(),
        skipped: Vec::new(),
        failures: Vec::new(),
    };
    suite.one_by_one_and_in_batches().await;
    suite.order().await;
    suite.duplicates().await;
    suite.partial_failure().await;
    suite.size_limit().await;
    suite.crash_and_restart().await;
    let Suite { passed, skipped, failures, .. } = suite;
    let failed: BTreeSet<Check> = failures.iter().map(|(check, _)| *check).collect();
    let unique = |checks: Vec<Check>| -> Vec<Check> {
        checks.into_iter().filter(|check| !failed.contains(check)).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let report = ConformanceReport { capabilities, passed: unique(passed), skipped: unique(skipped) };
    if failures.is_empty() { Ok(report) } else { Err(NonConformance { failures, report }) }
}

struct Suite<H: AdapterHarness> {
    harness: H,
    /// Gone while a crash is played.
    adapter: Option<H::Adapter>,
    capabilities: Capabilities,
    sent: u64,
    passed: Vec<Check>,
    skipped: Vec<Check>,
    failures: Vec<(Check, String)>,
}

impl<H: AdapterHarness> Suite<H> {
    fn judge(&mut self, check: Check, holds: bool, how: impl FnOnce() -> String) {
        if holds { self.passed.push(check) } else { self.failures.push((check, how())) }
    }

    /// An event of the suite's own.
    fn event(&mut self, key: Option<&str>, padding: usize) -> RawEnvelope {
        self.sent += 1;
        let number = self.sent;
        let event_id = Uuid::now_v7();
        let mut attributes = Attributes::default();
        // A name that is one.
        let _ = attributes.insert("tenant", "Zoë & co. 100%");
        let head = EnvelopeHead {
            event_id,
            event_type: "conformance.checked".into(),
            event_version: 1,
            event_source: "/conformance".into(),
            occurred_at: Timestamp::now(),
            subject: Some(Arc::from(format!("check/{number}"))),
            partition_key: key.map(Arc::from),
            correlation_id: event_id,
            causation_id: None,
            trace_parent: None,
            trace_state: None,
            sequence: None,
            attributes,
            foreign: Foreign::default(),
        };
        let text = format!(
            "{{\"number\":{number},\"text\":\"naïve \\\"quotes\\\"\",\"padding\":\"{}\"}}",
            "x".repeat(padding)
        );
        RawEnvelope::new(head, text.into_bytes().into())
    }

    fn events(&mut self, keys: &[Option<&str>]) -> Vec<RawEnvelope> {
        keys.iter().map(|key| self.event(*key, 0)).collect()
    }

    /// Delivers a batch as the pipeline would; one settlement per event, whatever came.
    async fn deliver(&mut self, batch: &[RawEnvelope]) -> Vec<Settlement> {
        let Some(adapter) = &self.adapter else { return Vec::new() };
        let delivery = match tokio::time::timeout(PATIENCE, adapter.deliver(batch)).await {
            Ok(delivery) => delivery,
            Err(_) => Delivery::retry(batch, "no answer"),
        };
        let mut settlements = delivery.into_settlements();
        let (given, wanted) = (settlements.len(), batch.len());
        self.judge(Check::SettlesEach, given == wanted, || format!("{given} settlements for {wanted} events"));
        settlements.resize_with(wanted, || Settlement::retry("not settled"));
        settlements
    }

    async fn received_ids(&mut self) -> Vec<Uuid> {
        self.harness.received().await.iter().map(|event| event.event_id).collect()
    }

    /// Whether everything acknowledged is there.
    async fn acks_are_true(&mut self, batch: &[RawEnvelope], settlements: &[Settlement]) {
        let received = self.received_ids().await;
        let missing = batch
            .iter()
            .zip(settlements)
            .filter(|(event, settlement)| settlement.is_acked() && !received.contains(&event.event_id))
            .count();
        self.judge(Check::AcksAreTrue, missing == 0, || format!("{missing} acknowledged event(s) never arrived"));
    }

    async fn one_by_one_and_in_batches(&mut self) {
        for size in [1, 1, 2, 7] {
            let batch = self.events(&vec![None; size]);
            let settlements = self.deliver(&batch).await;
            let acked = settlements.iter().filter(|settlement| settlement.is_acked()).count();
            self.judge(Check::AcksAreTrue, acked == size, || format!("{acked} of {size} plain events were taken"));
            self.acks_are_true(&batch, &settlements).await;
            let received = self.harness.received().await;
            for event in &batch {
                let Some(arrived) = received.iter().find(|arrived| arrived.event_id == event.event_id) else {
                    continue;
                };
                self.judge(Check::Faithful, arrived == event, || {
                    format!("{} arrived as another event", event.event_id)
                });
            }
        }
    }

    async fn order(&mut self) {
        // Several of a key in one batch only where the pipeline would do so.
        let together = self.capabilities.ordered || self.capabilities.atomic_batch;
        let (a, b) = (Some("a"), Some("b"));
        let batches: Vec<Vec<Option<&str>>> = if together {
            vec![vec![a, b, a, a, b], vec![b, a]]
        } else {
            vec![vec![a, b], vec![b, a], vec![a], vec![a, b]]
        };
        let mut sent = Vec::new();
        for keys in batches {
            let batch = self.events(&keys);
            let _ = self.deliver(&batch).await;
            sent.extend(batch);
        }
        let received = self.received_ids().await;
        for key in ["a", "b"] {
            let of_key: Vec<Uuid> = sent
                .iter()
                .filter(|event| event.partition_key.as_deref() == Some(key))
                .map(|event| event.event_id)
                .collect();
            let arrived: Vec<Uuid> = received.iter().copied().filter(|id| of_key.contains(id)).collect();
            self.judge(Check::Order, arrived == of_key, || {
                format!("{} events of one key arrived as {} in another order", of_key.len(), arrived.len())
            });
        }
    }

    async fn duplicates(&mut self) {
        let batch = self.events(&[None, Some("twice")]);
        let first = self.deliver(&batch).await;
        let second = self.deliver(&batch).await;
        let acked = first.iter().chain(&second).filter(|settlement| settlement.is_acked()).count();
        self.judge(Check::Duplicates, acked == 4, || format!("{acked} of 4 deliveries of 2 events were taken"));
        let received = self.received_ids().await;
        for event in &batch {
            let copies = received.iter().filter(|id| **id == event.event_id).count();
            let right = if self.capabilities.dedupe { copies == 1 } else { copies >= 1 };
            self.judge(Check::Duplicates, right, || format!("an event delivered twice is there {copies} times"));
        }
    }

    async fn partial_failure(&mut self) {
        let batch = self.events(&[Some("p"), Some("q"), Some("r")]);
        if !self.harness.turn_away(Some(batch[1].event_id)).await {
            self.skipped.extend([Check::PartialFailure, Check::OrderUnderFailure, Check::AtomicBatch]);
            return;
        }
        let settlements = self.deliver(&batch).await;
        self.judge(Check::PartialFailure, !settlements[1].is_acked(), || {
            "an event that was turned away was acknowledged".to_owned()
        });
        self.acks_are_true(&batch, &settlements).await;
        let received = self.received_ids().await;
        let taken = batch.iter().filter(|event| received.contains(&event.event_id)).count();
        if self.capabilities.atomic_batch {
            self.judge(Check::AtomicBatch, taken == 0, || format!("{taken} of 3 events of a failed batch arrived"));
        } else {
            self.skipped.push(Check::AtomicBatch);
            let refused = settlements.iter().any(|settlement| matches!(settlement, Settlement::Refused(_)));
            self.judge(Check::PartialFailure, !refused, || "what fails for now was refused for good".to_owned());
        }
        self.harness.turn_away(None).await;
        let left: Vec<RawEnvelope> = batch
            .iter()
            .zip(&settlements)
            .filter(|(_, settlement)| !settlement.is_acked())
            .map(|(event, _)| event.clone())
            .collect();
        let settlements = self.deliver(&left).await;
        let acked = settlements.iter().filter(|settlement| settlement.is_acked()).count();
        self.judge(Check::PartialFailure, acked == left.len(), || {
            format!("{acked} of {} events were taken once they could be", left.len())
        });
        self.order_under_failure().await;
    }

    async fn order_under_failure(&mut self) {
        if !self.capabilities.ordered {
            self.skipped.push(Check::OrderUnderFailure);
            return;
        }
        let batch = self.events(&[Some("k"), Some("k"), Some("k")]);
        self.harness.turn_away(Some(batch[1].event_id)).await;
        let settlements = self.deliver(&batch).await;
        self.harness.turn_away(None).await;
        let received = self.received_ids().await;
        let behind = settlements[2].is_acked() || received.contains(&batch[2].event_id);
        self.judge(Check::OrderUnderFailure, !behind, || "an event passed one of its key that had failed".to_owned());
    }

    async fn size_limit(&mut self) {
        let Some(limit) = self.capabilities.max_bytes else {
            self.skipped.push(Check::SizeLimit);
            return;
        };
        let bare = self.event(None, 0).payload.len();
        let digits = |sent: u64| sent.to_string().len();
        let grown = digits(self.sent + 1) - digits(self.sent);
        let largest = self.event(None, limit.saturating_sub(bare + grown));
        let settlements = self.deliver(std::slice::from_ref(&largest)).await;
        self.judge(Check::SizeLimit, settlements[0].is_acked(), || {
            format!("an event of {} bytes, which is the limit, was not taken", largest.payload.len())
        });
        let larger = self.event(None, limit);
        let settlements = self.deliver(std::slice::from_ref(&larger)).await;
        self.judge(Check::SizeLimit, matches!(settlements[0], Settlement::Refused(_)), || {
            format!("an event of {} bytes was not refused for good; the limit is {limit}", larger.payload.len())
        });
    }

    async fn crash_and_restart(&mut self) {
        if !self.capabilities.durable {
            self.skipped.push(Check::CrashAndRestart);
            return;
        }
        let batch = self.events(&[Some("c"), Some("d")]);
        let settlements = self.deliver(&batch).await;
        let Some(adapter) = self.adapter.take() else { return };
        self.harness.crash(adapter).await;
        self.adapter = Some(self.harness.open().await);
        let received = self.received_ids().await;
        let lost = batch
            .iter()
            .zip(&settlements)
            .filter(|(event, settlement)| settlement.is_acked() && !received.contains(&event.event_id))
            .count();
        self.judge(Check::CrashAndRestart, lost == 0, || format!("a crash lost {lost} acknowledged event(s)"));
        let after = self.events(&[Some("c")]);
        let settlements = self.deliver(&after).await;
        let there = self.received_ids().await.contains(&after[0].event_id);
        self.judge(Check::CrashAndRestart, settlements[0].is_acked() && there, || {
            "nothing is taken after a restart".to_owned()
        });
    }
}
