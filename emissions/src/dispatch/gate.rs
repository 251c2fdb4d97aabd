//! The awaited emission: everybody settles, then the gate opens or says who kept it shut.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Cause, Held, contain::contain, drive::Run};
use crate::{
    Emissions,
    buffer::hidden_from,
    counters::Emitted,
    emission::Prepared,
    envelope::{Envelope, RawEnvelope},
    event::{Event, GateRule, OnEmpty},
    gate::{Gate, GateError, GateReport, ParticipantReport, ShutGate},
    listener::call::Attempt,
    plan::{EventPlan, Forms},
};

/// Emits and waits for everybody who holds the gate.
pub(crate) async fn emit<E: Event>(emissions: &Emissions, prepared: Prepared<E>) -> Result<Gate<E>, GateError<E>> {
    let Prepared { envelope, cause, within, invalid } = prepared;
    let started = Instant::now();
    let shut = |envelope, report, cause| ShutGate::new(Held::Alone(envelope), report, required::<E>(), cause);

    if let Some(error) = invalid {
        return Err(GateError::InvalidAttribute(shut(envelope, GateReport::default(), cause), error));
    }
    if let Some(chain) = emissions.too_deep(cause.as_ref(), E::NAME) {
        return Err(GateError::CascadeTooDeep(shut(envelope, GateReport::default(), cause), chain));
    }
    let Some(emitted) = emissions.admit() else {
        return Err(GateError::ShutDown(shut(envelope, GateReport::default(), cause)));
    };
    if envelope.payload.bulk_len() == Some(0) {
        emitted.delivered();
        return match E::descriptor().bulk.map(|bulk| bulk.on_empty) {
            Some(OnEmpty::Refuse) => Err(GateError::EmptyBulk(shut(envelope, GateReport::default(), cause))),
            _ => Ok(Gate::open(envelope.event_id, GateReport::default())),
        };
    }
    let plan = emissions.plan::<E>();
    let holders = plan.map_or(0, |plan| plan.gate.len());
    let (Some(plan), true) = (plan, holders >= required::<E>() as usize) else {
        emitted.unheard();
        if required::<E>() == 0 {
            return Ok(Gate::open(envelope.event_id, GateReport::default()));
        }
        return Err(GateError::NoListener(shut(envelope, GateReport::default(), cause)));
    };

    let held = if plan.observers.is_empty() {
        Held::Alone(envelope)
    } else {
        let envelope = Arc::new(envelope);
        super::observe(emissions, &envelope, cause.as_ref());
        Held::Shared(envelope)
    };
    let deadline = within.and_then(|within| started.checked_add(within));
    let mut participants = settle(emissions, plan, &plan.gate, &held, cause.as_ref(), started, deadline).await;
    participants.sort_by(|a, b| a.id.cmp(&b.id));
    conclude(emitted, held, participants, cause)
}

/// Runs what failed in `before`, under the same envelope.
pub(crate) async fn retry<E: Event>(
    emissions: &Emissions,
    held: Held<E>,
    before: GateReport,
    cause: Option<Cause>,
) -> Result<Gate<E>, GateError<E>> {
    let started = Instant::now();
    let Some(emitted) = emissions.admit() else {
        return Err(GateError::ShutDown(ShutGate::new(held, before, required::<E>(), cause)));
    };
    let plan = emissions.plan::<E>();
    let holders = plan.map_or(0, |plan| plan.gate.len());
    let (Some(plan), true) = (plan, holders >= required::<E>() as usize) else {
        emitted.unheard();
        return Err(GateError::NoListener(ShutGate::new(held, before, required::<E>(), cause)));
    };
    let done = |id: &str| before.get(id).is_some_and(|participant| participant.outcome.opens_the_gate());
    let chosen: Vec<usize> = plan.gate.iter().copied().filter(|&index| !done(plan.listeners[index].id)).collect();
    let mut participants = settle(emissions, plan, &chosen, &held, cause.as_ref(), started, None).await;
    participants.extend(before.participants.into_iter().filter(|participant| participant.outcome.opens_the_gate()));
    participants.sort_by(|a, b| a.id.cmp(&b.id));
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
        return Ok(Gate::open(held.get().event_id, report));
    }
    emitted.failed();
    tracing::debug!(event = E::NAME, failures = report.failures().count(), "gate stayed shut");
    Err(GateError::Failed(ShutGate::new(held, report, required::<E>(), cause)))
}

/// Lets the chosen listeners run to their end.
pub(crate) async fn settle<E: Event>(
    emissions: &Emissions,
    plan: &EventPlan<E>,
    chosen: &[usize],
    held: &Held<E>,
    cause: Option<&Cause>,
    started: Instant,
    deadline: Option<Instant>,
) -> Vec<ParticipantReport> {
    let envelope = held.get();
    let raw = plan.wants_bytes.then(|| serialise(envelope));
    let forms = Forms { envelope, raw: raw.as_ref() };
    let lineage = cause.map(|cause| &cause.lineage);
    let attempt = Attempt { emissions, head: &envelope.head, listener: "", number: 1, deadline, lineage };
    hidden_from(Run { plan, chosen, forms, attempt, started, deadline }.until_settled()).await
}

/// The event as bytes, for those who take it so; a serialiser's panic is their failure.
pub(crate) fn serialise<E: Event>(envelope: &Envelope<E>) -> Result<RawEnvelope, String> {
    let bytes = contain(|| serde_json::to_vec(&envelope.payload))
        .map_err(|panic| format!("serialising {} panicked: {panic}", E::NAME))?
        .map_err(|error| format!("{} can't be serialised: {error}", E::NAME))?;
    Ok(RawEnvelope::new(envelope.head.clone(), bytes.into()))
}

/// How many gate participants the event asks for.
pub(crate) fn required<E: Event>() -> u32 {
    match E::descriptor().gate {
        GateRule::AtLeast(least) => least,
        GateRule::AllowNone => 0,
    }
}
