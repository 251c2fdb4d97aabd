//! Whether the retries of a listener fit the deadline of an emit: checked at start.

use std::time::Duration;

use crate::{
    listener::{ListenerDescriptor, RetryRule, Role},
    registry::{ViolationCode, Violations},
};

/// The time limits of a builder.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Of every attempt of a listener that has none of its own.
    pub(crate) timeout: Option<Duration>,
    /// Of every awaited emit that has none of its own.
    pub(crate) within: Option<Duration>,
}

/// Refuses retries that can't all happen before the deadline every emit has by default. Observers
/// have none.
pub(crate) fn check(listeners: &[&'static ListenerDescriptor], limits: Limits, violations: &mut Violations) {
    let Some(within) = limits.within else { return };
    for listener in listeners.iter().filter(|listener| listener.role != Role::Observer) {
        let Some(retry) = listener.retry else { continue };
        let timeout = listener.timeout.or(limits.timeout);
        let longest = longest_run(retry, timeout);
        if longest <= within {
            continue;
        }
        let (id, attempts) = (listener.id(), retry.attempts);
        let each = timeout.map_or_else(String::new, |timeout| format!(" of {timeout:?}"));
        violations.add(
            ViolationCode::ImpossibleBudget,
            [listener.location],
            format!(
                "`{id}` may need {longest:?} for {attempts} attempts{each} and the pauses between them, and an emit \
                 has {within:?}"
            ),
            "lower `attempts`, `backoff` or `timeout`, or give every emit more time with `default_within`",
        );
    }
}

/// Longest time that the attempts and the pauses between them can take; an attempt without a limit
/// counts as no time at all.
fn longest_run(retry: RetryRule, timeout: Option<Duration>) -> Duration {
    let running = timeout.unwrap_or_default().saturating_mul(retry.attempts);
    // Each pause from some attempt on is the longest one, so there is no need to add up millions.
    let growing = retry.attempts.min(64);
    let pauses =
        (2..=growing).map(|attempt| retry.backoff.bound_before(attempt)).fold(Duration::ZERO, Duration::saturating_add);
    let rest = retry.backoff.bound_before(retry.attempts).saturating_mul(retry.attempts - growing);
    running.saturating_add(pauses).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::longest_run;
    use crate::listener::{Backoff, RetryRule};

    fn rule(attempts: u32, first: u64, longest: u64) -> RetryRule {
        let backoff = Backoff { first: Duration::from_millis(first), longest: Duration::from_millis(longest) };
        RetryRule { attempts, backoff }
    }

    #[test]
    fn attempts_and_pauses_add_up() {
        let millis = Duration::from_millis;
        assert_eq!(longest_run(rule(4, 100, 300), Some(millis(1_000))), millis(4_000 + 100 + 200 + 300));
        assert_eq!(longest_run(rule(2, 100, 300), None), millis(100));
        assert_eq!(longest_run(rule(1_000, 1, 1), None), millis(999));
        assert_eq!(longest_run(rule(u32::MAX, 1, u64::MAX), Some(Duration::MAX)), Duration::MAX);
    }
}
