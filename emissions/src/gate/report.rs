//! What each participant of a gate did.

use std::{borrow::Cow, fmt, time::Duration};

use crate::listener::{BoxError, Role};

/// One entry per participant of a gate, sorted by identity.
///
/// Observers are not in it: a gate knows nothing of them.
#[derive(Debug, Default)]
pub struct GateReport {
    pub(crate) participants: Vec<ParticipantReport>,
}

impl GateReport {
    /// Every participant, sorted by identity.
    pub fn participants(&self) -> &[ParticipantReport] {
        &self.participants
    }

    /// Every participant, sorted by identity.
    pub fn iter(&self) -> std::slice::Iter<'_, ParticipantReport> {
        self.participants.iter()
    }

    /// Number of participants.
    pub fn len(&self) -> usize {
        self.participants.len()
    }

    /// Whether nobody took part.
    pub fn is_empty(&self) -> bool {
        self.participants.is_empty()
    }

    /// The entry of one participant.
    pub fn get(&self, id: &str) -> Option<&ParticipantReport> {
        self.participants.iter().find(|participant| participant.id == id)
    }

    /// Every participant that kept the gate shut.
    pub fn failures(&self) -> impl Iterator<Item = &ParticipantReport> {
        self.participants.iter().filter(|participant| !participant.outcome.opens_the_gate())
    }

    /// The participant that took longest.
    pub fn slowest(&self) -> Option<&ParticipantReport> {
        self.participants.iter().max_by_key(|participant| participant.elapsed)
    }
}

impl<'a> IntoIterator for &'a GateReport {
    type Item = &'a ParticipantReport;
    type IntoIter = std::slice::Iter<'a, ParticipantReport>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for GateReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, participant) in self.participants.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{participant}")?;
        }
        Ok(())
    }
}

/// What one listener or adapter did.
#[derive(Debug)]
#[non_exhaustive]
pub struct ParticipantReport {
    /// Stable identity of the listener, or name of the adapter.
    pub id: Cow<'static, str>,
    /// Why it takes part.
    pub role: Role,
    /// How it ended.
    pub outcome: Outcome,
    /// Attempts made, the first one included; 0 if it was never called.
    pub attempts: u32,
    /// Time from the emit until it was seen to have settled. Participants that were ready when
    /// first polled share one reading of the clock, taken when all had been polled once.
    pub elapsed: Duration,
}

impl fmt::Display for ParticipantReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) {}", self.id, self.role, self.outcome)?;
        if self.attempts > 1 {
            write!(f, ", {} attempts", self.attempts)?;
        }
        write!(f, ", {:.1?}", self.elapsed)
    }
}

/// How a participant ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It returned success, and so did all the work it spawned.
    Succeeded,
    /// It returned an error.
    Failed(BoxError),
    /// It panicked; the text is the panic's message.
    Panicked(String),
    /// It was cancelled after this time.
    TimedOut(Duration),
    /// It was not called.
    Skipped(SkipReason),
}

impl Outcome {
    /// Whether it was a success.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded)
    }

    /// The kind of outcome as a number below 6.
    #[cfg(feature = "metrics")]
    pub(crate) fn kind(&self) -> usize {
        match self {
            Self::Succeeded => 0,
            Self::Failed(_) => 1,
            Self::Panicked(_) => 2,
            Self::TimedOut(_) => 3,
            Self::Skipped(SkipReason::NotSelected) => 4,
            Self::Skipped(_) => 5,
        }
    }

    /// The kind of outcome as a word, for labels.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed(_) => "failed",
            Self::Panicked(_) => "panicked",
            Self::TimedOut(_) => "timed_out",
            Self::Skipped(SkipReason::NotSelected) => "not_selected",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Whether a gate may open with it: it succeeded, or did not want the event.
    pub fn opens_the_gate(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Skipped(SkipReason::NotSelected))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded => f.write_str("succeeded"),
            Self::Failed(error) => write!(f, "failed: {}", Chain(&**error)),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::TimedOut(after) => write!(f, "timed out after {after:?}"),
            Self::Skipped(reason) => write!(f, "skipped: {reason}"),
        }
    }
}

/// An error with its sources; one whose `Display` panics or fails is named as such.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = String::new();
        let mut error = Some(self.0);
        while let Some(current) = error {
            let text = crate::dispatch::contain::contain(|| current.to_string())
                .unwrap_or_else(|_| "an error that can't be displayed".to_owned());
            // Many errors name their source themselves.
            if !written.ends_with(&text) {
                written.push_str(if written.is_empty() { "" } else { ": " });
                written.push_str(&text);
            }
            error = crate::dispatch::contain::contain(|| current.source()).unwrap_or(None);
        }
        f.write_str(&written)
    }
}

/// Why a listener was not called.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its `when` said no.
    NotSelected,
    /// The listener it comes `after` did not succeed.
    AfterFailed(&'static str),
    /// The deadline of the emit had passed before its turn.
    DeadlinePassed,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSelected => f.write_str("its predicate did not select the event"),
            Self::AfterFailed(id) => write!(f, "it comes after {id}, which did not succeed"),
            Self::DeadlinePassed => f.write_str("the deadline had passed before its turn"),
        }
    }
}
