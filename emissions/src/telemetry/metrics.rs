//! Numbers through the `metrics` facade; nothing at all without the feature.
//!
//! Labels: the name of an event, the identity of a listener, one of a few fixed words.

use crate::{
    counters::{DetachedEnd, Fate},
    gate::ParticipantReport,
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

#[cfg(feature = "metrics")]
mod facade {
    use metrics::{counter, histogram};

    use super::{DetachedEnd, Fate, ParticipantReport};

    pub(crate) fn emitted(event: &'static str, verb: &'static str) {
        counter!("emissions_emitted_total", "event" => event, "verb" => verb).increment(1);
    }

    pub(crate) fn refused(event: &'static str, reason: &'static str) {
        counter!("emissions_refused_total", "event" => event, "reason" => reason).increment(1);
    }

    pub(crate) fn settled(event: &'static str, fate: Fate) {
        counter!("emissions_settled_total", "event" => event, "fate" => fate.as_str()).increment(1);
    }

    pub(crate) fn participant(event: &'static str, report: &ParticipantReport) {
        histogram!(
            "emissions_listener_duration_seconds",
            "event" => event,
            "listener" => report.id.clone(),
            "role" => report.role.as_str(),
            "outcome" => report.outcome.as_str(),
        )
        .record(report.elapsed);
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
    use super::{DetachedEnd, Fate, ParticipantReport};

    #[inline]
    pub(crate) fn emitted(_: &'static str, _: &'static str) {}

    #[inline]
    pub(crate) fn refused(_: &'static str, _: &'static str) {}

    #[inline]
    pub(crate) fn settled(_: &'static str, _: Fate) {}

    #[inline]
    pub(crate) fn participant(_: &'static str, _: &ParticipantReport) {}

    #[inline]
    pub(crate) fn retry(_: &'static str, _: &'static str) {}

    #[inline]
    pub(crate) fn detached(_: &'static str, _: DetachedEnd) {}

    #[inline]
    pub(crate) fn lagged(_: &'static str) {}
}

pub(crate) use facade::{detached, emitted, lagged, participant, refused, retry, settled};
