//! The gate: proof that everybody who holds it succeeded.

mod error;
pub(crate) mod report;

use std::{fmt, marker::PhantomData};

use uuid::Uuid;

pub use self::{
    error::{CascadeChain, GateError, ShutGate},
    report::{GateReport, Outcome, ParticipantReport, SkipReason},
};

/// Proof that every gate listener and every routed adapter of one emitted event succeeded.
///
/// Only `emit_async` makes one. It can't be built, cloned or deserialised, so a function that takes
/// a `Gate<E>` can only be called after such a success: let the function that writes "done" take it.
///
/// What it proves is that the listeners returned success. A listener that puts a job on a queue has
/// then put it there; the job itself has not run.
#[must_use = "a gate is the proof that every listener succeeded: hand it to what records the success"]
pub struct Gate<E> {
    event_id: Uuid,
    report: GateReport,
    event: PhantomData<fn() -> E>,
}

impl<E> Gate<E> {
    pub(crate) fn open(event_id: Uuid, report: GateReport) -> Self {
        Self { event_id, report, event: PhantomData }
    }

    /// Identity of the event that everybody handled.
    pub fn event_id(&self) -> Uuid {
        self.event_id
    }

    /// What each participant did: outcome, attempts and time.
    pub fn report(&self) -> &GateReport {
        &self.report
    }
}

impl<E> fmt::Debug for Gate<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("event_id", &self.event_id).field("report", &self.report).finish()
    }
}
