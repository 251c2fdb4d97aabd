//! One event on its way to the adapters of its route.
//!
//! A hand-over has three steps: [`Emissions::routed`] makes the bytes, once; [`Routed::claims`] says
//! in which queues room must be reserved, together with whatever else is handed over; and
//! [`Routed::push`] can't fail.

use tracing::Span;

use super::{
    Pipeline,
    lane::{Lane, Waiter},
    room::{Claim, Refused, Reserved, try_reserve_all},
    route::Hop,
};
use crate::{
    Emissions,
    counters::Emitted,
    dispatch::{Cause, contain::drop_contained, gate::serialise},
    emission::{Admission, EmitError, EmitErrorKind},
    envelope::{Envelope, RawEnvelope},
    event::Event,
    local::UNSETTLED,
    telemetry::{self, Verb},
};

/// An event as bytes, and where it goes.
pub(crate) struct Routed {
    pub(crate) event: RawEnvelope,
    pub(crate) lanes: Vec<usize>,
}

/// Why an event can't go its way, now or ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RouteFault {
    /// It can't be written as bytes.
    Unserialisable(String),
    /// An adapter takes no event of this size.
    TooLarge { adapter: String, bytes: usize, limit: usize },
}

impl Emissions {
    /// The adapters an event goes to.
    #[inline]
    pub(crate) fn hops<E: Event>(&self) -> &[Hop] {
        E::descriptor().slot.get().map_or(&[], |position| self.pipeline().routes.of(position))
    }

    /// The event as bytes with its route; nothing if it has none.
    pub(crate) fn routed<E: Event>(&self, envelope: &Envelope<E>) -> Result<Option<Routed>, RouteFault> {
        let hops = self.hops::<E>();
        if hops.is_empty() {
            return Ok(None);
        }
        let event = serialise(envelope).map_err(RouteFault::Unserialisable)?;
        let lanes: Vec<usize> = hops.iter().map(|hop| hop.lane).collect();
        for lane in lanes.iter().map(|&lane| &self.pipeline().lanes[lane]) {
            let (bytes, limit) = (event.payload.len(), lane.max_bytes());
            if bytes > limit {
                return Err(RouteFault::TooLarge { adapter: lane.name.to_string(), bytes, limit });
            }
        }
        Ok(Some(Routed { event, lanes }))
    }
}

/// What the accounts of an event that goes to adapters are called while nobody has settled it.
const EMIT: &str = "emit";

impl Emissions {
    /// Queues an event that has a route: for its listeners and for every adapter, or for nobody.
    pub(crate) fn enqueue_routed<E: Event>(
        &self,
        envelope: Envelope<E>,
        cause: Option<Cause>,
    ) -> Result<Admission, EmitError<E>> {
        let refused = |kind: EmitErrorKind, envelope: Envelope<E>| {
            telemetry::refused(E::NAME, kind.as_str());
            Err(EmitError::new(kind, envelope.payload))
        };
        let routed = match self.routed(&envelope) {
            Ok(routed) => routed,
            Err(fault) => return refused(fault.into(), envelope),
        };
        let listeners = self.listeners_of::<E>();
        let here = (listeners > 0).then(|| self.local_queue().claim());
        let there = routed.as_ref().map(|routed| routed.claims(self.pipeline()));
        let claims: Vec<Claim<'_>> = here.into_iter().chain(there.into_iter().flatten()).collect();
        let places = match try_reserve_all(&claims) {
            Ok(places) => places,
            Err(Refused { index, .. }) => {
                let lane = self.pipeline().lanes.iter().find(|lane| lane.room().is(claims[index].room));
                let kind = match lane {
                    Some(lane) => EmitErrorKind::AdapterFull { adapter: lane.name.to_string() },
                    None => EmitErrorKind::Full { capacity: self.local_queue().capacity() },
                };
                return refused(kind, envelope);
            }
        };
        let span = telemetry::emit_span(E::NAME, EMIT, &envelope.head);
        let emitted = match &cause {
            Some(_) => Some(self.admit_cascade::<E>(UNSETTLED, Verb::Emit, &span)),
            None => self.admit::<E>(UNSETTLED, Verb::Emit, &span),
        };
        let Some(emitted) = emitted else { return refused(EmitErrorKind::ShutDown, envelope) };
        let admission = Admission { event_id: envelope.event_id, listeners };
        self.push_routed(envelope, cause, routed, emitted, places);
        Ok(admission)
    }

    /// As [`enqueue_routed`](Self::enqueue_routed), beyond every capacity: a worker that waited for
    /// room that only workers make could wait for ever.
    pub(crate) fn enqueue_routed_cascade<E: Event>(&self, envelope: Envelope<E>, cause: Option<Cause>, span: &Span) {
        let emitted = self.admit_cascade::<E>(UNSETTLED, Verb::Cascade, span);
        let (routed, emitted) = match self.routed(&envelope) {
            Ok(routed) => (routed, emitted),
            Err(fault) => {
                let kind = EmitErrorKind::from(fault);
                tracing::error!(event = E::NAME, event_id = %envelope.event_id, ?kind, "event can't go to its adapters");
                let mut accounts = emitted.split(2);
                if let Some(lost) = accounts.pop() {
                    lost.failed();
                }
                let Some(rest) = accounts.pop() else { return };
                (None, rest)
            }
        };
        let here = (self.listeners_of::<E>() > 0).then(|| self.local_queue().beyond_capacity());
        let there = routed.iter().flat_map(|routed| routed.claims(self.pipeline()));
        let places = here.into_iter().chain(there.map(|claim| claim.room.overdraw(claim.need))).collect();
        self.push_routed(envelope, cause, routed, emitted, places);
    }

    fn listeners_of<E: Event>(&self) -> usize {
        self.plan::<E>().map_or(0, |plan| plan.listeners.len())
    }

    /// Pushes to listeners first, then to adapters; `places` come in that order.
    fn push_routed<E: Event>(
        &self,
        envelope: Envelope<E>,
        cause: Option<Cause>,
        routed: Option<Routed>,
        emitted: Emitted,
        places: Vec<Reserved>,
    ) {
        let here = self.listeners_of::<E>() > 0;
        let parts = usize::from(here) + routed.as_ref().map_or(0, Routed::parts);
        let (mut accounts, mut places) = (emitted.split(parts).into_iter(), places.into_iter());
        if here && let (Some(account), Some(place)) = (accounts.next(), places.next()) {
            let raw = routed.as_ref().map(|routed| routed.event.clone());
            self.local_queue().push(place, self, envelope, cause, account, raw, None);
        } else {
            drop_contained(envelope);
        }
        if let Some(routed) = routed {
            routed.push(self.pipeline(), places, |_| (accounts.next(), None));
        }
    }
}

impl From<RouteFault> for EmitErrorKind {
    fn from(fault: RouteFault) -> Self {
        match fault {
            RouteFault::Unserialisable(why) => Self::Unserialisable(why),
            RouteFault::TooLarge { adapter, bytes, limit } => Self::TooLarge { adapter, bytes, limit },
        }
    }
}

impl Routed {
    /// How many accounts the event needs: one per adapter.
    pub(crate) fn parts(&self) -> usize {
        self.lanes.len()
    }

    /// The room to reserve before [`push`](Self::push): one claim per adapter whose queue blocks
    /// when it is full, in the order of the route. The others shed.
    pub(crate) fn claims<'a>(&self, pipeline: &'a Pipeline) -> impl Iterator<Item = Claim<'a>> {
        let need = Lane::need(&self.event);
        let lanes: Vec<&Lane> = self.lanes.iter().map(|&lane| &pipeline.lanes[lane]).collect();
        lanes.into_iter().filter(|lane| lane.blocks()).map(move |lane| Claim { room: lane.room(), need })
    }

    /// Pushes the event into every queue of its route.
    ///
    /// `places` are those of [`claims`](Self::claims), in their order. `account` is asked once per
    /// adapter, in the order of the route, for the event's own account and for whoever waits for the
    /// adapter's word.
    pub(crate) fn push(
        self,
        pipeline: &Pipeline,
        mut places: impl Iterator<Item = Reserved>,
        mut account: impl FnMut(&Lane) -> (Option<Emitted>, Option<Waiter>),
    ) {
        for lane in self.lanes.iter().map(|&lane| &pipeline.lanes[lane]) {
            let (emitted, waiter) = account(lane);
            let carried = lane.carry(self.event.clone(), emitted, waiter);
            let place = if lane.blocks() { places.next() } else { None };
            match place {
                Some(place) => lane.push(place, carried),
                None => lane.push_or_shed(carried),
            }
        }
    }
}
