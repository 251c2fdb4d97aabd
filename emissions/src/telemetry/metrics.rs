//! Numbers through the `metrics` facade; nothing at all without the feature.
//!
//! Labels: the name of an event, the identity of a listener, the name of an adapter, one of a few fixed words.

use crate::{
    counters::{DetachedEnd, Discarded, Fate},
    pipeline::ledger::LaneFate,
};

impl Fate {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unheard => "unheard",
            Self::Cancelled => "cancelled",
            Self::Shed => "shed",
            Self::Shutdown => "shutdown",
        }
    }
}

impl LaneFate {
    #[cfg(feature = "metrics")]
    fn as_str(self) -> &'static str {
        match self {
            Self::Acked => "acked",
            Self::Parked => "parked",
            Self::Returned => "returned",
            Self::Shed => "shed",
            Self::Cancelled => "cancelled",
            Self::Unparked => "unparked",
            Self::Shutdown => "shutdown",
        }
    }
}

impl Discarded {
    #[cfg(feature = "metrics")]
    fn as_str(self) -> &'static str {
        match self {
            Self::Terminated => "terminated",
            Self::Abandoned => "abandoned",
            Self::Full => "full",
            Self::ShutDown => "shut_down",
        }
    }
}

/// How one call of an adapter went.
#[derive(Clone, Copy)]
pub(crate) enum CallOutcome {
    /// Every event was acknowledged.
    Acked,
    /// Some were.
    Partial,
    /// None was.
    Failed,
    Panicked,
    TimedOut,
}

/// Who called for an event.
#[derive(Clone, Copy)]
pub(crate) enum Verb {
    Emit,
    EmitAsync,
    RetryFailed,
    Cascade,
    Commit,
}

#[cfg(feature = "metrics")]
mod facade {
    use std::{
        sync::{Arc, OnceLock},
        time::Duration,
    };

    use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

    use super::{CallOutcome, DetachedEnd, Discarded, Fate, LaneFate, Verb};
    use crate::{gate::ParticipantReport, listener::Role};

    /// The counters of one event, looked up when first used: labels are hashed and copied once, and
    /// an emit only adds.
    #[derive(Clone, Default)]
    pub(crate) struct EventNumbers(Option<Arc<Cells>>);

    #[derive(Default)]
    struct Cells {
        emitted: [OnceLock<Counter>; 5],
        settled: [OnceLock<Counter>; 6],
    }

    impl EventNumbers {
        pub(crate) fn new() -> Self {
            Self(Some(Arc::default()))
        }

        pub(crate) fn emitted(&self, event: &'static str, verb: Verb) {
            let Some(cells) = &self.0 else { return };
            let counter = || {
                let verb = match verb {
                    Verb::Emit => "emit",
                    Verb::EmitAsync => "emit_async",
                    Verb::RetryFailed => "retry_failed",
                    Verb::Cascade => "cascade",
                    Verb::Commit => "commit",
                };
                counter!("emissions_emitted_total", "event" => event, "verb" => verb)
            };
            cells.emitted[verb as usize].get_or_init(counter).increment(1);
        }

        pub(crate) fn settled(&self, event: &'static str, fate: Fate) {
            let Some(cells) = &self.0 else { return };
            let counter = || counter!("emissions_settled_total", "event" => event, "fate" => fate.as_str());
            cells.settled[fate as usize].get_or_init(counter).increment(1);
        }
    }

    /// The histograms of one listener of one event, by outcome.
    #[derive(Default)]
    pub(crate) struct ListenerNumbers([OnceLock<Histogram>; 6]);

    impl ListenerNumbers {
        pub(crate) fn settled(
            &self,
            event: &'static str,
            listener: &'static str,
            role: Role,
            report: &ParticipantReport,
        ) {
            let histogram = || {
                let outcome = report.outcome.as_str();
                histogram!("emissions_listener_duration_seconds", "event" => event, "listener" => listener,
                    "role" => role.as_str(), "outcome" => outcome)
            };
            self.0[report.outcome.kind()].get_or_init(histogram).record(report.elapsed);
        }
    }

    /// The numbers of one adapter, looked up when first used.
    #[derive(Clone, Default)]
    pub(crate) struct LaneNumbers(Arc<LaneCells>);

    #[derive(Default)]
    struct LaneCells {
        adapter: String,
        handed_over: OnceLock<Counter>,
        events: OnceLock<Gauge>,
        bytes: OnceLock<Gauge>,
        settled: [OnceLock<Counter>; 7],
        retried: OnceLock<Counter>,
        circuit: OnceLock<Gauge>,
        calls: [OnceLock<Histogram>; 5],
    }

    impl LaneNumbers {
        pub(crate) fn new(adapter: &str) -> Self {
            let numbers = Self(Arc::new(LaneCells { adapter: adapter.to_owned(), ..LaneCells::default() }));
            numbers.circuit(false);
            numbers.queue(0.0, 0.0);
            numbers
        }

        pub(crate) fn handed_over(&self, bytes: usize) {
            let counter = || counter!("emissions_adapter_handed_over_total", "adapter" => self.0.adapter.clone());
            self.0.handed_over.get_or_init(counter).increment(1);
            self.queue(1.0, float(bytes));
        }

        pub(crate) fn settled(&self, fate: LaneFate, bytes: usize) {
            let counter = || {
                let adapter = self.0.adapter.clone();
                counter!("emissions_adapter_settled_total", "adapter" => adapter, "fate" => fate.as_str())
            };
            self.0.settled[fate as usize].get_or_init(counter).increment(1);
            self.queue(-1.0, -float(bytes));
        }

        fn queue(&self, events: f64, bytes: f64) {
            let gauge = || gauge!("emissions_adapter_queue_events", "adapter" => self.0.adapter.clone());
            self.0.events.get_or_init(gauge).increment(events);
            let gauge = || gauge!("emissions_adapter_queue_bytes", "adapter" => self.0.adapter.clone());
            self.0.bytes.get_or_init(gauge).increment(bytes);
        }

        pub(crate) fn retried(&self) {
            let counter = || counter!("emissions_adapter_retries_total", "adapter" => self.0.adapter.clone());
            self.0.retried.get_or_init(counter).increment(1);
        }

        pub(crate) fn circuit(&self, open: bool) {
            let gauge = || gauge!("emissions_adapter_circuit_open", "adapter" => self.0.adapter.clone());
            self.0.circuit.get_or_init(gauge).set(if open { 1.0 } else { 0.0 });
        }

        pub(crate) fn called(&self, outcome: CallOutcome, elapsed: Duration) {
            let histogram = || {
                let outcome = match outcome {
                    CallOutcome::Acked => "acked",
                    CallOutcome::Partial => "partial",
                    CallOutcome::Failed => "failed",
                    CallOutcome::Panicked => "panicked",
                    CallOutcome::TimedOut => "timed_out",
                };
                let adapter = self.0.adapter.clone();
                histogram!("emissions_adapter_call_duration_seconds", "adapter" => adapter, "outcome" => outcome)
            };
            self.0.calls[outcome as usize].get_or_init(histogram).record(elapsed);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "no queue holds as many bytes")]
    fn float(bytes: usize) -> f64 {
        bytes as f64
    }

    /// Events have left their buffer for nowhere.
    pub(crate) fn discarded(events: impl Iterator<Item = &'static str>, reason: Discarded) {
        for event in events {
            counter!("emissions_discarded_total", "event" => event, "reason" => reason.as_str()).increment(1);
        }
    }

    /// An adapter has settled an event that was waited for.
    pub(crate) fn adapter(event: &'static str, report: &ParticipantReport) {
        histogram!("emissions_listener_duration_seconds", "event" => event, "listener" => report.id.clone(),
            "role" => report.role.as_str(), "outcome" => report.outcome.as_str())
        .record(report.elapsed);
    }

    pub(crate) fn refused(event: &'static str, reason: &'static str) {
        counter!("emissions_refused_total", "event" => event, "reason" => reason).increment(1);
    }

    pub(crate) fn retry(event: &'static str, listener: &'static str) {
        counter!("emissions_retries_total", "event" => event, "listener" => listener).increment(1);
    }

    pub(crate) fn detached(listener: &'static str, end: DetachedEnd) {
        let end = match end {
            DetachedEnd::Done => "done",
            DetachedEnd::Failed => "failed",
            DetachedEnd::Cancelled => "cancelled",
        };
        counter!("emissions_detached_total", "listener" => listener, "end" => end).increment(1);
    }

    pub(crate) fn lagged(event: &'static str) {
        counter!("emissions_subscription_missed_total", "event" => event).increment(1);
    }
}

#[cfg(not(feature = "metrics"))]
mod facade {
    use std::time::Duration;

    use super::{CallOutcome, DetachedEnd, Discarded, Fate, LaneFate, Verb};
    use crate::{gate::ParticipantReport, listener::Role};

    #[derive(Clone, Default)]
    pub(crate) struct EventNumbers;

    #[expect(clippy::unused_self, reason = "with the feature there is something to use")]
    impl EventNumbers {
        pub(crate) fn new() -> Self {
            Self
        }

        #[inline]
        pub(crate) fn emitted(&self, _: &'static str, _: Verb) {}

        #[inline]
        pub(crate) fn settled(&self, _: &'static str, _: Fate) {}
    }

    #[derive(Default)]
    pub(crate) struct ListenerNumbers;

    #[expect(clippy::unused_self, reason = "with the feature there is something to use")]
    impl ListenerNumbers {
        #[inline]
        pub(crate) fn settled(&self, _: &'static str, _: &'static str, _: Role, _: &ParticipantReport) {}
    }

    #[derive(Clone, Default)]
    pub(crate) struct LaneNumbers;

    #[expect(clippy::unused_self, reason = "with the feature there is something to use")]
    impl LaneNumbers {
        pub(crate) fn new(_: &str) -> Self {
            Self
        }

        #[inline]
        pub(crate) fn handed_over(&self, _: usize) {}

        #[inline]
        pub(crate) fn settled(&self, _: LaneFate, _: usize) {}

        #[inline]
        pub(crate) fn retried(&self) {}

        #[inline]
        pub(crate) fn circuit(&self, _: bool) {}

        #[inline]
        pub(crate) fn called(&self, _: CallOutcome, _: Duration) {}
    }

    #[inline]
    pub(crate) fn discarded(_: impl Iterator<Item = &'static str>, _: Discarded) {}

    #[inline]
    pub(crate) fn adapter(_: &'static str, _: &ParticipantReport) {}

    #[inline]
    pub(crate) fn refused(_: &'static str, _: &'static str) {}

    #[inline]
    pub(crate) fn retry(_: &'static str, _: &'static str) {}

    #[inline]
    pub(crate) fn detached(_: &'static str, _: DetachedEnd) {}

    #[inline]
    pub(crate) fn lagged(_: &'static str) {}
}

pub(crate) use facade::{
    EventNumbers, LaneNumbers, ListenerNumbers, adapter, detached, discarded, lagged, refused, retry,
};
