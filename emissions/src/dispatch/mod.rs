//! From one event to its listeners: the path of one emission.
//!
//! `start` computes an [`EventPlan`](crate::plan::EventPlan) per event. An emission finds its plan
//! by position, polls every listener once in the caller's task, and only what is still pending
//! then costs an allocation.

pub(crate) mod cause;
pub(crate) mod contain;
pub(crate) mod drive;
pub(crate) mod gate;
pub(crate) mod held;
pub(crate) mod policy;

pub(crate) use self::{
    cause::{Cause, Lineage},
    held::Held,
};

use std::sync::Arc;

use tokio::time::Instant;

use crate::{Emissions, counters::Emitted, envelope::Envelope, event::Event, failure};

/// Starts the observers of an event; their failures go to the failure sink.
pub(crate) fn observe<E: Event>(emissions: &Emissions, envelope: &Arc<Envelope<E>>, cause: Option<&Cause>) {
    let (handle, held, cause) = (emissions.clone(), Held::Shared(Arc::clone(envelope)), cause.cloned());
    emissions.in_background(async move {
        let Some(plan) = handle.plan::<E>() else { return };
        run_unwatched(&handle, plan, &plan.observers, &held, cause.as_ref()).await;
    });
}

/// Runs every listener of an event that was emitted without anybody waiting for it.
pub(crate) async fn deliver<E: Event>(emissions: &Emissions, held: Held<E>, cause: Option<Cause>, emitted: Emitted) {
    let empty = held.get().payload.bulk_len() == Some(0);
    let plan = emissions.plan::<E>().filter(|plan| !plan.listeners.is_empty() && !empty);
    let Some(plan) = plan else {
        if empty {
            emitted.delivered();
        } else {
            emitted.unheard();
        }
        return;
    };
    if run_unwatched(emissions, plan, &plan.everybody, &held, cause.as_ref()).await {
        emitted.delivered();
    } else {
        emitted.failed();
    }
}

/// Runs the chosen listeners and hands every failure to the failure sink; true if there was none.
async fn run_unwatched<E: Event>(
    emissions: &Emissions,
    plan: &crate::plan::EventPlan<E>,
    chosen: &[usize],
    held: &Held<E>,
    cause: Option<&Cause>,
) -> bool {
    let participants = gate::settle(emissions, plan, chosen, held, cause, Instant::now(), None).await;
    let mut clean = true;
    for participant in participants.into_iter().filter(|participant| !participant.outcome.opens_the_gate()) {
        clean = false;
        failure::report(emissions, held.get(), participant);
    }
    clean
}
