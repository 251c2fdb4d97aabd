//! What operators see: spans and events through `tracing`, numbers through `metrics`.
//!
//! Everything that leaves the library for them goes through here, and `docs/telemetry.md` lists it.
//! Names and labels are fixed words, names of events and identities of listeners; ids are fields of
//! spans and events only.

mod metrics;
mod spans;

use std::{panic::Location, time::Duration};

use tracing::Span;
use uuid::Uuid;

pub(crate) use self::{
    metrics::{CallOutcome, EventNumbers, LaneNumbers, ListenerNumbers, Verb, discarded, refused},
    spans::{emit_span, listener_span, worker_span},
};
use crate::{
    counters::{DetachedEnd, Fate},
    event::Event,
    gate::{GateReport, Outcome, ParticipantReport},
    plan::PlannedListener,
};

/// The target of every span and event.
pub(crate) const TARGET: &str = "emissions";

/// An event has met its fate.
#[inline]
pub(crate) fn settled(event: &'static str, numbers: &EventNumbers, fate: Fate, span: &Span) {
    numbers.settled(event, fate);
    match fate {
        Fate::Delivered => {}
        Fate::Failed => spans::failed(span, "failed"),
        Fate::Unheard => tracing::debug!(target: TARGET, parent: span, event, reason = "unheard", "event dropped"),
        Fate::Cancelled | Fate::Shed | Fate::Shutdown => {
            spans::failed(span, fate.as_str());
            tracing::warn!(target: TARGET, parent: span, event, reason = fate.as_str(), "event dropped");
        }
    }
}

/// A participant has settled.
#[inline]
pub(crate) fn participant<E: Event>(listener: &PlannedListener<E>, report: &ParticipantReport, slow_after: Duration) {
    let event = E::NAME;
    listener.numbers.settled(event, listener.id, listener.role, report);
    if report.elapsed >= slow_after {
        slow(event, report);
    }
}

/// An adapter has settled an event that was waited for.
pub(crate) fn adapter(event: &'static str, report: &ParticipantReport, slow_after: Duration) {
    metrics::adapter(event, report);
    if report.elapsed >= slow_after {
        slow(event, report);
    }
}

#[cold]
fn slow(event: &'static str, report: &ParticipantReport) {
    tracing::warn!(target: TARGET, event, listener = %report.id, elapsed = ?report.elapsed,
        outcome = report.outcome.as_str(), "slow listener");
}

/// The outcome of a listener, on its own span.
#[inline]
pub(crate) fn outcome(span: &Span, outcome: &Outcome) {
    if !span.is_none() && !outcome.opens_the_gate() {
        spans::failed(span, outcome.as_str());
    }
}

/// A failed attempt is followed by another.
pub(crate) fn retry(event: &'static str, listener: &'static str, attempt: u32, outcome: &Outcome, pause: Duration) {
    metrics::retry(event, listener);
    tracing::info!(target: TARGET, event, listener, attempt, outcome = outcome.as_str(), ?pause, "listener is tried again");
}

/// A gate stayed shut.
#[cold]
pub(crate) fn gate_closed(event: &'static str, report: &GateReport, span: &Span) {
    tracing::warn!(target: TARGET, parent: span, event, participants = report.len(),
        failures = report.failures().count(), "gate stayed shut");
}

/// A listener failed, and nobody waited for it.
pub(crate) fn failed_without_caller(event: &'static str, event_id: Uuid, report: &ParticipantReport) {
    tracing::error!(target: TARGET, event, %event_id, listener = %report.id, outcome = report.outcome.as_str(),
        account = %report.outcome, attempts = report.attempts, "listener failed without a caller");
}

/// Somebody went ahead without a listener's work.
pub(crate) fn detached(listener: &'static str, reason: &'static str) {
    tracing::info!(target: TARGET, listener, reason, "work detached");
}

/// Detached work has ended.
pub(crate) fn detached_ended(listener: &'static str, reason: &'static str, end: DetachedEnd, error: Option<&Outcome>) {
    metrics::detached(listener, end);
    match end {
        DetachedEnd::Done => tracing::debug!(target: TARGET, listener, reason, "detached work done"),
        DetachedEnd::Failed => {
            let account = error.map(tracing::field::display);
            tracing::error!(target: TARGET, listener, reason, account, "detached work failed");
        }
        DetachedEnd::Cancelled => tracing::warn!(target: TARGET, listener, reason, "detached work cancelled"),
    }
}

/// A subscription missed events.
pub(crate) fn lagged(event: &'static str) {
    metrics::lagged(event);
}

/// There are more subscriptions to one event than anybody needs.
#[cold]
pub(crate) fn many_subscriptions(event: &'static str, live: usize, place: &Location<'_>) {
    tracing::warn!(target: TARGET, event, live, place = %place,
        "many subscriptions to one event: one that is not dropped is a leak");
}

/// User code outside of a listener panicked.
#[cold]
pub(crate) fn contained(what: &'static str, panic: &str) {
    tracing::error!(target: TARGET, what, panic, "a panic was contained");
}
