//! The awaited emission: everybody settles, then the gate opens or says who kept it shut.

use std::{future::poll_fn, pin::pin, time::SystemTime};

use tokio::time::Instant;
use tracing::Span;

use super::{
    Cause, Held,
    contain::{contain, drop_contained},
    drive::{Board, Run},
    is_empty_batch,
    policy::Participant,
};
use crate::{
    Emissions,
    counters::{Emitted, Unsettled},
    emission::Emission,
    envelope::{Envelope, EnvelopeHead, RawEnvelope},
    event::{Event, GateRule, OnEmpty},
    event_id::event_id,
    gate::{Gate, GateError, GateReport, ParticipantReport, ShutGate},
    listener::call::Dispatch,
    pipeline,
    plan::{EventPlan, Forms},
    telemetry::{self, Verb},
};

/// Emits and waits for everybody who holds the gate.
///
/// This is the hot path, and its future is what callers move about before they await it: it holds the
/// event once, the listeners' state once, and everything rare behind a box.
pub(crate) async fn emit<E: Event>(emission: Emission<'_, E>) -> Result<Gate<E>, GateError<E>> {
    let started = Instant::now();
    let Emission { emissions, event, mut metadata, within } = emission;
    metadata.take_key(&event);
    let cause = metadata.cause.clone();
    let now = SystemTime::now();
    let (head, invalid) = metadata.head::<E>(emissions.source(), event_id(now), now);
    let plan = emissions.plan::<E>();
    let shared = plan.is_some_and(|plan| !plan.observers.is_empty()) || emissions.is_watched::<E>();
    let held = Held::new(Envelope::new(head, event), shared);
    if let Some(error) = invalid {
        telemetry::refused(E::NAME, "invalid_attribute");
        return Err(GateError::InvalidAttribute(shut(held, cause), error));
    }
    if let Some(chain) = emissions.too_deep(cause.as_ref(), E::NAME) {
        telemetry::refused(E::NAME, "cascade_too_deep");
        return Err(GateError::CascadeTooDeep(shut(held, cause), chain));
    }
    let Some(emitted) = admit::<E>(emissions, &held.get().head, cause.is_some()) else {
        telemetry::refused(E::NAME, "shut_down");
        return Err(GateError::ShutDown(shut(held, cause)));
    };
    if is_empty_batch(&held.get().payload) {
        emitted.delivered();
        return match E::descriptor().bulk.map(|bulk| bulk.on_empty) {
            Some(OnEmpty::Refuse) => Err(GateError::EmptyBulk(shut(held, cause))),
            _ => Ok(open(held, GateReport::default())),
        };
    }
    let hops = emissions.hops::<E>();
    let holders = plan.map_or(0, |plan| plan.gate.len()) + hops.len();
    let (Some(plan), true) = (plan, holders >= required::<E>() as usize) else {
        emitted.unheard();
        return Err(GateError::NoListener(shut(held, cause)));
    };
    emissions.show_to_subscribers(&held);
    if let (false, Held::Shared(envelope)) = (plan.observers.is_empty(), &held) {
        super::observe(emissions, envelope, cause.as_ref());
    }
    if holders == 0 {
        // Nobody has to listen, and nobody does but observers.
        if plan.observers.is_empty() {
            emitted.unheard();
        } else {
            emitted.delivered();
        }
        return Ok(open(held, GateReport::default()));
    }
    let deadline = within.or(emissions.default_within()).and_then(|within| started.checked_add(within));
    let mut participants = if hops.is_empty() {
        let own = plan.wants_bytes.then(|| Box::new(serialise(held.get())));
        let dispatch = Dispatch::new(emissions, &held.get().head, cause.as_ref(), deadline);
        let forms = Forms { envelope: held.get(), raw: own.as_deref() };
        // As `Run::until_settled`, without a future of its own to be moved into place.
        let mut inline = pin!(Participant::vacant());
        let (chosen, span) = (&*plan.gate, emitted.span());
        let mut board = Board::new(Run { plan, chosen, forms, dispatch: &dispatch, started, span });
        poll_fn(|cx| board.poll(inline.as_mut(), cx)).await;
        board.into_reports()
    } else {
        let lanes: Vec<usize> = hops.iter().map(|hop| hop.lane).collect();
        // Apart, so that events without a route don't carry the memory of it.
        Box::pin(settle_routed(
            emissions,
            plan,
            &plan.gate,
            &lanes,
            &held,
            cause.as_ref(),
            started,
            deadline,
            emitted.span(),
        ))
        .await
    };
    if !plan.starts_in_order_of_ids || !hops.is_empty() {
        participants.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    }
    conclude(emitted, held, participants, cause)
}

/// Counts the event in; nothing after shutdown.
fn admit<E: Event>(emissions: &Emissions, head: &EnvelopeHead, caused: bool) -> Option<Emitted> {
    let span = telemetry::emit_span(E::NAME, "emit_async", head);
    if caused {
        // Its cause is under way, and may finish.
        Some(emissions.admit_cascade::<E>(Unsettled::Cancelled, Verb::EmitAsync, &span))
    } else {
        emissions.admit::<E>(Unsettled::Cancelled, Verb::EmitAsync, &span)
    }
}

fn shut<E: Event>(held: Held<E>, cause: Option<Cause>) -> ShutGate<E> {
    ShutGate::new(held, GateReport::default(), required::<E>(), cause)
}

/// Runs what failed in `before`, under the same envelope.
pub(crate) async fn retry<E: Event>(
    emissions: &Emissions,
    held: Held<E>,
    before: GateReport,
    cause: Option<Cause>,
) -> Result<Gate<E>, GateError<E>> {
    let started = Instant::now();
    let span = telemetry::emit_span(E::NAME, "retry_failed", &held.get().head);
    let Some(emitted) = emissions.admit::<E>(Unsettled::Cancelled, Verb::RetryFailed, &span) else {
        telemetry::refused(E::NAME, "shut_down");
        return Err(GateError::ShutDown(ShutGate::new(held, before, required::<E>(), cause)));
    };
    let plan = emissions.plan::<E>();
    let hops = emissions.hops::<E>();
    let holders = plan.map_or(0, |plan| plan.gate.len()) + hops.len();
    let (Some(plan), true) = (plan, holders >= required::<E>() as usize) else {
        emitted.unheard();
        return Err(GateError::NoListener(ShutGate::new(held, before, required::<E>(), cause)));
    };
    let done = |id: &str| before.get(id).is_some_and(|participant| participant.outcome.opens_the_gate());
    let chosen: Vec<usize> = plan.gate.iter().copied().filter(|&index| !done(plan.listeners[index].id)).collect();
    let deadline = emissions.default_within().and_then(|within| started.checked_add(within));
    let lanes: Vec<usize> =
        hops.iter().map(|hop| hop.lane).filter(|&lane| !done(&emissions.pipeline().lanes[lane].name)).collect();
    let routed = settle_routed(emissions, plan, &chosen, &lanes, &held, cause.as_ref(), started, deadline, &span);
    let mut participants = Box::pin(routed).await;
    participants.extend(before.participants.into_iter().filter(|participant| participant.outcome.opens_the_gate()));
    participants.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    conclude(emitted, held, participants, cause)
}

fn conclude<E: Event>(
    emitted: Emitted,
    held: Held<E>,
    participants: Vec<ParticipantReport>,
    cause: Option<Cause>,
) -> Result<Gate<E>, GateError<E>> {
    let report = GateReport { participants };
    if report.failures().next().is_none() {
        emitted.delivered();
        return Ok(open(held, report));
    }
    telemetry::gate_closed(E::NAME, &report, emitted.span());
    emitted.failed();
    Err(GateError::Failed(ShutGate::new(held, report, required::<E>(), cause)))
}

/// Opens the gate of an event, which ends here.
#[inline]
fn open<E: Event>(held: Held<E>, report: GateReport) -> Gate<E> {
    let event_id = held.get().event_id;
    if std::mem::needs_drop::<E>() {
        drop_contained(held);
    }
    Gate::open(event_id, report)
}

/// Lets the chosen listeners run to their end.
#[expect(clippy::too_many_arguments, reason = "one call site per way to emit")]
pub(crate) async fn settle<E: Event>(
    emissions: &Emissions,
    plan: &EventPlan<E>,
    chosen: &[usize],
    held: &Held<E>,
    cause: Option<&Cause>,
    started: Instant,
    deadline: Option<Instant>,
    span: &Span,
    raw: Option<&Result<RawEnvelope, String>>,
) -> Vec<ParticipantReport> {
    let envelope = held.get();
    let own = (plan.wants_bytes && raw.is_none()).then(|| Box::new(serialise(envelope)));
    let forms = Forms { envelope, raw: raw.or(own.as_deref()) };
    let dispatch = Dispatch::new(emissions, &envelope.head, cause, deadline);
    Run { plan, chosen, forms, dispatch: &dispatch, started, span }.until_settled().await
}

/// As [`settle`], beside the adapters of the event's route; the event is serialised once for all.
#[expect(clippy::too_many_arguments, reason = "as for `settle`")]
async fn settle_routed<E: Event>(
    emissions: &Emissions,
    plan: &EventPlan<E>,
    chosen: &[usize],
    lanes: &[usize],
    held: &Held<E>,
    cause: Option<&Cause>,
    started: Instant,
    deadline: Option<Instant>,
    span: &Span,
) -> Vec<ParticipantReport> {
    let raw = (plan.wants_bytes || !lanes.is_empty()).then(|| serialise(held.get()));
    let listeners = settle(emissions, plan, chosen, held, cause, started, deadline, span, raw.as_ref());
    let Some(event) = &raw else { return listeners.await };
    let adapters = pipeline::gate::settle(emissions, event, lanes, started, deadline);
    let (mut participants, adapters) = futures_util::future::join(listeners, adapters).await;
    for adapter in adapters {
        telemetry::adapter(E::NAME, &adapter, emissions.slow_after());
        participants.push(adapter);
    }
    participants
}

/// The event as bytes, for those who take it so; a serialiser's panic is their failure.
pub(crate) fn serialise<E: Event>(envelope: &Envelope<E>) -> Result<RawEnvelope, String> {
    contain(|| RawEnvelope::encode(envelope))
        .map_err(|panic| format!("serialising {} panicked: {panic}", E::NAME))?
        .map_err(|error| error.to_string())
}

/// How many gate participants the event asks for.
pub(crate) fn required<E: Event>() -> u32 {
    match E::descriptor().gate {
        GateRule::AtLeast(least) => least,
        GateRule::AllowNone => 0,
    }
}
