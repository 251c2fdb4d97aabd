//! Leaves an adapter alone that can't deliver anything.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use tokio::time::Instant;

use super::options::BreakerRule;
use crate::telemetry::LaneNumbers;

/// The state of one adapter's circuit; only its worker moves it.
pub(crate) struct Breaker {
    rule: Option<BreakerRule>,
    failures: u32,
    /// Until when nothing is tried.
    open_until: Option<Instant>,
    open: Arc<AtomicBool>,
    numbers: LaneNumbers,
}

impl Breaker {
    pub(crate) fn new(rule: Option<BreakerRule>, open: Arc<AtomicBool>, numbers: LaneNumbers) -> Self {
        Self { rule, failures: 0, open_until: None, open, numbers }
    }

    /// Until when nothing may be tried.
    pub(crate) fn open_until(&self) -> Option<Instant> {
        self.open_until
    }

    /// Whether what is tried now is a probe.
    pub(crate) fn is_open(&self) -> bool {
        self.open_until.is_some()
    }

    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
        if self.open_until.take().is_some() {
            self.open.store(false, SeqCst);
            self.numbers.circuit(false);
        }
    }

    /// A call delivered nothing; true if that opened the circuit.
    pub(crate) fn failed(&mut self) -> bool {
        let Some(rule) = self.rule else { return false };
        self.failures = self.failures.saturating_add(1);
        if self.failures < rule.failures {
            return false;
        }
        let opened = self.open_until.is_none();
        self.open_until = Instant::now().checked_add(rule.pause);
        self.open.store(true, SeqCst);
        self.numbers.circuit(true);
        opened
    }
}
