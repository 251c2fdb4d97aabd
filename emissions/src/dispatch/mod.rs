//! From one event to its listeners: the path of one emission.
//!
//! `start` computes an [`EventPlan`](crate::plan::EventPlan) per event. An emission finds its plan
//! by position, polls every listener once in the caller's task, and only what is still pending
//! then costs an allocation.

pub(crate) mod ambient;
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
use tracing::Span;

use crate::{
    Emissions,
    counters::Emitted,
    envelope::{Envelope, RawEnvelope},
    event::Event,
    failure, telemetry,
};

/// Starts the observers of an event; their failures go to the failure sink.
pub(crate) fn observe<E: Event>(emissions: &Emissions, envelope: &Arc<Envelope<E>>, cause: Option<&Cause>) {
    let (handle, held, cause) = (emissions.clone(), Held::Shared(Arc::clone(envelope)), cause.cloned());
    emissions.in_background(async move {
        let Some(plan) = handle.plan::<E>() else { return };
        let span = telemetry::emit_span(E::NAME, "observe", &held.get().head);
        run_unwatched(&handle, plan, &plan.observers, &held, cause.as_ref(), &span, None).await;
        contain::drop_contained(held);
    });
}

/// Whether the event is a bulk event without content; nobody is called for one.
pub(crate) fn is_empty_batch<E: Event>(event: &E) -> bool {
    // Counting a collection of the user's is the user's code.
    contain::contain(|| event.bulk_len()).unwrap_or_else(|panic| {
        telemetry::contained("bulk_len", &panic);
        None
    }) == Some(0)
}

/// Runs every listener of an event that was emitted without anybody waiting for it.
///
/// `raw` is the event as bytes, where they were made already.
pub(crate) async fn deliver<E: Event>(
    emissions: &Emissions,
    held: Held<E>,
    cause: Option<Cause>,
    emitted: Emitted,
    raw: Option<Result<RawEnvelope, String>>,
) {
    let empty = is_empty_batch(&held.get().payload);
    let held = held.shared_if(emissions.is_watched::<E>());
    if !empty {
        emissions.show_to_subscribers(&held);
    }
    let plan = emissions.plan::<E>().filter(|plan| !plan.listeners.is_empty() && !empty);
    let Some(plan) = plan else {
        if empty {
            emitted.delivered();
        } else {
            emitted.unheard();
        }
        return;
    };
    let clean =
        run_unwatched(emissions, plan, &plan.everybody, &held, cause.as_ref(), emitted.span(), raw.as_ref()).await;
    contain::drop_contained(held);
    if clean {
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
    span: &Span,
    raw: Option<&Result<RawEnvelope, String>>,
) -> bool {
    let participants = gate::settle(emissions, plan, chosen, held, cause, Instant::now(), None, span, raw).await;
    let mut clean = true;
    for participant in participants {
        if !participant.outcome.opens_the_gate() {
            clean = false;
            failure::report(emissions, held.get(), participant);
        }
    }
    clean
}
