//! Numbers through the `metrics` facade; nothing at all without the feature.
//!
//! Labels: the name of an event, the identity of a listener, one of a few fixed words.

use crate::counters::{DetachedEnd, Fate};

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
    use std::sync::{Arc, OnceLock};

    use metrics::{Counter, Histogram, counter, histogram};

    use super::{DetachedEnd, Fate, Verb};
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
    use super::{DetachedEnd, Fate, Verb};
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

pub(crate) use facade::{EventNumbers, ListenerNumbers, adapter, detached, lagged, refused, retry};
