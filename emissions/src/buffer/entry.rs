//! One event in a buffer.

use std::time::SystemTime;

use uuid::Uuid;

use super::Acknowledgement;
use crate::{Emissions, counters::Emitted, emission::Metadata, event::Event, pipeline::room::Reserved, telemetry};

/// An event of any type.
pub(super) trait Entry: Send {
    fn event_id(&self) -> Uuid;

    /// Puts the event into its reserved place.
    fn hand_over(
        self: Box<Self>,
        emissions: &Emissions,
        place: Reserved,
        emitted: Emitted,
        awaited: Option<Acknowledgement>,
    );

    /// Bytes of payload, where they are limited.
    fn bytes(&self) -> usize;
}

/// What an emit writes down. The envelope is made when the buffer is handed over: most of its parts
/// are the same for every event, and an event that is dropped needs none.
pub(super) struct Kept<E> {
    pub(super) event: E,
    pub(super) event_id: Uuid,
    pub(super) at: SystemTime,
    pub(super) bytes: usize,
    pub(super) metadata: Option<Box<Metadata>>,
}

impl<E: Event> Entry for Kept<E> {
    fn event_id(&self) -> Uuid {
        self.event_id
    }

    fn hand_over(
        self: Box<Self>,
        emissions: &Emissions,
        place: Reserved,
        emitted: Emitted,
        awaited: Option<Acknowledgement>,
    ) {
        let Self { event, event_id, at, bytes: _, metadata } = *self;
        let metadata = metadata.map_or_else(Metadata::default, |metadata| *metadata);
        let cause = metadata.cause.clone();
        let (envelope, invalid) = metadata.envelope(emissions.source(), event_id, at, event);
        if let Some(error) = invalid {
            // The emit has checked everything but the field's own code, which has panicked just now.
            tracing::error!(event = E::NAME, %event_id, %error, "event handed over without its partition key");
        }
        let span = telemetry::emit_span(E::NAME, "commit", &envelope.head);
        telemetry::emitted(E::NAME, "commit");
        let emitted = emitted.about(E::NAME, span);
        emissions.inner().queue.push(place, emissions, envelope, cause, emitted, None, awaited);
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}
