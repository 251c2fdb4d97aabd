//! From an emission to its adapters: bounded queues, reserved atomically.

pub(crate) mod queue;
pub(crate) mod room;
mod sync;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::room::{Claim, Refused, Reserved};

/// Longest time in which a hand-over to several queues holds room in one while it waits for another.
const LONGEST_HOLD: Duration = Duration::from_millis(64);

/// Waits for room in every queue; see [`room::reserve_all`].
pub(crate) async fn reserve_all(claims: &[Claim<'_>]) -> Result<Vec<Reserved>, Refused> {
    room::reserve_all(claims, |round| {
        let bound = Duration::from_millis(1 << round.min(6)).min(LONGEST_HOLD);
        // Jittered, or two hand-overs could keep step with each other.
        tokio::time::sleep(bound.mul_f64(fastrand::f64()))
    })
    .await
}
