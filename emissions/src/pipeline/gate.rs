//! Adapters as participants of a gate.

use futures_util::future::join_all;
use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::{
    lane::{Answer, Lane, Waiter},
    room::RefusalReason,
};
use crate::{
    Emissions,
    envelope::RawEnvelope,
    gate::{Outcome, ParticipantReport},
    listener::{BoxError, Role},
};

/// Hands an event over to the chosen adapters and waits for the word of each.
///
/// Dropping the future gives up: what is still queued is dropped and counted as cancelled.
pub(crate) async fn settle(
    emissions: &Emissions,
    event: &Result<RawEnvelope, String>,
    lanes: &[usize],
    started: Instant,
    deadline: Option<Instant>,
) -> Vec<ParticipantReport> {
    let lanes = lanes.iter().map(|&lane| &emissions.pipeline().lanes[lane]);
    join_all(lanes.map(|lane| participate(lane, event, emissions.runtime(), started, deadline))).await
}

async fn participate(
    lane: &Lane,
    event: &Result<RawEnvelope, String>,
    runtime: &Handle,
    started: Instant,
    deadline: Option<Instant>,
) -> ParticipantReport {
    let asked = ask(lane, event);
    let (outcome, attempts) = match deadline {
        None => asked.await,
        Some(deadline) => {
            let limited = {
                // A timer of the runtime that was there at the start, whoever polls it.
                let _entered = runtime.enter();
                timeout_at(deadline, asked)
            };
            limited.await.unwrap_or_else(|_| (Outcome::TimedOut(started.elapsed()), 1))
        }
    };
    let id = lane.name.to_string().into();
    ParticipantReport { id, role: Role::Adapter, outcome, attempts, elapsed: started.elapsed() }
}

async fn ask(lane: &Lane, event: &Result<RawEnvelope, String>) -> (Outcome, u32) {
    let failed = |why: BoxError| (Outcome::Failed(why), 0);
    let event = match event {
        Ok(event) => event,
        Err(why) => return failed(why.clone().into()),
    };
    if event.payload.len() > lane.max_bytes() {
        let (bytes, limit) = (event.payload.len(), lane.max_bytes());
        return failed(format!("the event has {bytes} bytes, and the adapter takes {limit} at most").into());
    }
    if lane.is_open() {
        return failed("the adapter's circuit is open".into());
    }
    let (waiter, answer) = oneshot::channel();
    let waiter = Some(Waiter::Owner(waiter));
    if lane.blocks() {
        let place = match lane.room().reserve(Lane::need(event)).await {
            Ok(place) => place,
            Err(RefusalReason::TooLarge) => return failed("the event is larger than the adapter's queue".into()),
            Err(RefusalReason::Closed | RefusalReason::Full) => return failed("the adapter has stopped".into()),
        };
        lane.push(place, lane.carry(event.clone(), None, waiter));
    } else {
        lane.push_or_shed(lane.carry(event.clone(), None, waiter));
    }
    match answer.await {
        Ok(Answer { result: Ok(()), attempts }) => (Outcome::Succeeded, attempts),
        Ok(Answer { result: Err(error), attempts }) => (Outcome::Failed(error), attempts),
        Err(_) => failed("the emissions were shut down before the adapter had answered".into()),
    }
}
