//! Failures without a caller: everything that went wrong behind an `emit`.

use std::{fmt, sync::Arc};

use crate::{
    Emissions,
    dispatch::{
        contain::{contain, drop_contained},
        gate::serialise,
    },
    envelope::{Envelope, RawEnvelope},
    event::Event,
    gate::{Outcome, ParticipantReport},
    telemetry,
};

/// A listener that did not succeed, and nobody was waiting for it.
///
/// `Debug` and `Display` show no payload.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeliveryFailure {
    /// The event; the text says why it could not be serialised.
    pub event: Result<RawEnvelope, String>,
    /// Name of the event without its version.
    pub event_type: &'static str,
    /// What the listener did: identity, outcome, attempts, time.
    pub participant: ParticipantReport,
}

impl DeliveryFailure {
    /// Stable identity of the listener.
    pub fn listener(&self) -> &str {
        &self.participant.id
    }

    /// How it ended.
    pub fn outcome(&self) -> &Outcome {
        &self.participant.outcome
    }

    /// Attempts made.
    pub fn attempts(&self) -> u32 {
        self.participant.attempts
    }
}

impl fmt::Display for DeliveryFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.event_type, self.participant)
    }
}

/// Where such failures go besides the log.
pub(crate) type FailureSink = Arc<dyn Fn(&DeliveryFailure) + Send + Sync>;

/// Logs a failure and hands it to the sink; a sink that panics is logged as well.
pub(crate) fn report<E: Event>(emissions: &Emissions, envelope: &Envelope<E>, participant: ParticipantReport) {
    telemetry::failed_without_caller(E::NAME, envelope.event_id, &participant);
    let Some(sink) = emissions.failure_sink() else { return drop_contained(participant) };
    let failure = DeliveryFailure { event: serialise(envelope), event_type: E::NAME, participant };
    if let Err(panic) = contain(|| sink(&failure)) {
        telemetry::contained("failure sink", &panic);
    }
    drop_contained(failure);
}
