//! One event in a buffer.

use std::{sync::Arc, time::SystemTime};

use uuid::Uuid;

use super::{acknowledge::Settlement, limits::Load};
use crate::{
    Emissions,
    counters::Emitted,
    dispatch::{Cause, contain::drop_contained},
    emission::Metadata,
    envelope::Envelope,
    event::Event,
    pipeline::{
        hand_over::Routed,
        lane::Waiter,
        room::{Claim, Reserved},
    },
    telemetry::{self, Verb},
};

/// An event of any type.
pub(super) trait Entry: Send {
    fn event_id(&self) -> Uuid;

    /// Says where the event needs room.
    fn claim<'a>(&self, emissions: &'a Emissions, claims: &mut Vec<Claim<'a>>);

    /// Puts the event into its reserved places, which come in the order of its claims.
    fn hand_over(
        self: Box<Self>,
        emissions: &Emissions,
        places: &mut std::vec::IntoIter<Reserved>,
        emitted: Emitted,
        awaited: Option<(&Arc<Settlement>, usize)>,
    );

    /// Adds what it counts for.
    fn count(&self, emissions: &Emissions, load: &mut Load);

    /// Name of the event.
    fn name(&self) -> &'static str;
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

    fn claim<'a>(&self, emissions: &'a Emissions, claims: &mut Vec<Claim<'a>>) {
        claims.push(emissions.inner().queue.claim());
    }

    fn hand_over(
        self: Box<Self>,
        emissions: &Emissions,
        places: &mut std::vec::IntoIter<Reserved>,
        emitted: Emitted,
        awaited: Option<(&Arc<Settlement>, usize)>,
    ) {
        let Some(place) = places.next() else { return };
        let Self { event, event_id, at, bytes: _, metadata } = *self;
        let metadata = metadata.map_or_else(Metadata::default, |metadata| *metadata);
        let cause = metadata.cause.clone();
        let (envelope, invalid) = metadata.envelope(emissions.source(), event_id, at, event);
        if let Some(error) = invalid {
            // The emit has checked everything but the field's own code, which has panicked just now.
            tracing::error!(event = E::NAME, %event_id, %error, "event handed over without its partition key");
        }
        let span = telemetry::emit_span(E::NAME, "commit", &envelope.head);
        let emitted = emissions.about::<E>(emitted, Verb::Commit, &span);
        let awaited = awaited.map(|(settlement, position)| settlement.expect::<E>(position, event_id, None));
        emissions.inner().queue.push(place, emissions, envelope, cause, emitted, None, awaited);
    }

    fn count(&self, _: &Emissions, load: &mut Load) {
        load.add(self.bytes, &[]);
    }

    fn name(&self) -> &'static str {
        E::NAME
    }
}

/// An event that goes to adapters, as bytes since it was emitted.
pub(super) struct KeptRouted<E> {
    pub(super) envelope: Envelope<E>,
    pub(super) bytes: usize,
    pub(super) cause: Option<Cause>,
    pub(super) routed: Option<Routed>,
}

impl<E: Event> KeptRouted<E> {
    fn has_listeners(emissions: &Emissions) -> bool {
        emissions.plan::<E>().is_some_and(|plan| !plan.listeners.is_empty())
    }
}

impl<E: Event> Entry for KeptRouted<E> {
    fn event_id(&self) -> Uuid {
        self.envelope.event_id
    }

    fn claim<'a>(&self, emissions: &'a Emissions, claims: &mut Vec<Claim<'a>>) {
        if Self::has_listeners(emissions) {
            claims.push(emissions.inner().queue.claim());
        }
        if let Some(routed) = &self.routed {
            claims.extend(routed.claims(emissions.pipeline()));
        }
    }

    fn hand_over(
        self: Box<Self>,
        emissions: &Emissions,
        places: &mut std::vec::IntoIter<Reserved>,
        emitted: Emitted,
        awaited: Option<(&Arc<Settlement>, usize)>,
    ) {
        let Self { envelope, bytes: _, cause, routed } = *self;
        let event_id = envelope.event_id;
        let span = telemetry::emit_span(E::NAME, "commit", &envelope.head);
        let here = Self::has_listeners(emissions);
        let parts = usize::from(here) + routed.as_ref().map_or(0, Routed::parts);
        let mut accounts = emissions.about::<E>(emitted, Verb::Commit, &span).split(parts).into_iter();
        if here && let (Some(account), Some(place)) = (accounts.next(), places.next()) {
            let raw = routed.as_ref().map(|routed| routed.event.clone());
            let awaited = awaited.map(|(settlement, position)| settlement.expect::<E>(position, event_id, None));
            emissions.inner().queue.push(place, emissions, envelope, cause, account, raw, awaited);
        } else {
            // A panic here would take the rest of the batch along.
            drop_contained(envelope);
        }
        let Some(routed) = routed else { return };
        routed.push(emissions.pipeline(), places, |lane| {
            let adapter = || Some(Arc::clone(&lane.name));
            let expected = awaited.map(|(settlement, position)| settlement.expect::<E>(position, event_id, adapter()));
            (accounts.next(), expected.map(Waiter::Witness))
        });
    }

    fn count(&self, emissions: &Emissions, load: &mut Load) {
        load.add(self.bytes, emissions.hops::<E>());
    }

    fn name(&self) -> &'static str {
        E::NAME
    }
}
