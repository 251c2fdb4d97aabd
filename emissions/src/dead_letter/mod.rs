//! Dead letters: events that could not be delivered, kept for another try.

mod json_lines;
mod memory;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use uuid::Uuid;

pub use self::{json_lines::JsonLinesDeadLetters, memory::MemoryDeadLetters};
use crate::{
    envelope::{RawEnvelope, Timestamp},
    listener::BoxError,
    pipeline::lane::Carried,
};

/// An event that an adapter did not take, with everything needed to try again.
///
/// It owns the event's bytes, sensitive fields included: a redrive needs them. Neither `Debug` nor
/// `Display` shows them, and the stores of this crate don't write them as readable text.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Name of the adapter.
    pub adapter: String,
    /// The event as it was emitted, under its own `event_id`.
    pub event: RawEnvelope,
    /// Attempts made.
    pub attempts: u32,
    /// Every attempt's error with its causes, oldest first; at most the newest 32.
    pub errors: Vec<String>,
    /// Why it was given up.
    pub reason: ParkReason,
    /// When it was given up.
    pub parked_at: Timestamp,
}

/// Why an event was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParkReason {
    /// All its attempts failed.
    AttemptsExhausted,
    /// The adapter said that trying again can't help.
    Refused,
    /// It was still under way at the deadline of a shutdown.
    Shutdown,
}

impl ParkReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::AttemptsExhausted => "attempts_exhausted",
            Self::Refused => "refused",
            Self::Shutdown => "shutdown",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::AttemptsExhausted, Self::Refused, Self::Shutdown].into_iter().find(|reason| reason.as_str() == text)
    }
}

impl fmt::Display for ParkReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AttemptsExhausted => "all attempts failed",
            Self::Refused => "the adapter refused it",
            Self::Shutdown => "the shutdown came first",
        })
    }
}

impl DeadLetter {
    pub(crate) fn new(adapter: &str, carried: &Carried, reason: ParkReason) -> Self {
        Self {
            adapter: adapter.to_owned(),
            event: carried.event.clone(),
            attempts: carried.attempts,
            errors: carried.errors.clone(),
            reason,
            parked_at: Timestamp::now(),
        }
    }

    /// Identity of the event; together with the adapter it is the letter's.
    pub fn event_id(&self) -> Uuid {
        self.event.event_id
    }

    pub(crate) fn is(&self, adapter: &str, event_id: Uuid) -> bool {
        self.adapter == adapter && self.event.event_id == event_id
    }
}

impl fmt::Debug for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter")
            .field("adapter", &self.adapter)
            .field("event", &self.event)
            .field("attempts", &self.attempts)
            .field("errors", &self.errors)
            .field("reason", &self.reason)
            .field("parked_at", &format_args!("{}", self.parked_at))
            .finish()
    }
}

impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { adapter, event, attempts, reason, parked_at, errors } = self;
        write!(f, "{} ({}) for {adapter}, parked at {parked_at}: {reason}", event.wire_type(), event.event_id)?;
        write!(f, ", {attempts} attempt(s)")?;
        match errors.last() {
            Some(error) => write!(f, ", last: {error}"),
            None => Ok(()),
        }
    }
}

/// Keeps dead letters.
///
/// A letter's identity is its adapter and the event's id; parking it again replaces it.
pub trait DeadLetterStore: Send + Sync + 'static {
    /// Whether letters outlive the process; if not, what is under way at the deadline of a shutdown
    /// counts as lost and is not parked.
    fn is_durable(&self) -> bool;

    /// Keeps a letter; once this returns `Ok` it is kept.
    fn park(&self, letter: DeadLetter) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Every letter, oldest first.
    fn letters(&self) -> impl Future<Output = Result<Vec<DeadLetter>, BoxError>> + Send;

    /// Forgets a letter; one that is not there is no error.
    fn remove(&self, adapter: &str, event_id: Uuid) -> impl Future<Output = Result<(), BoxError>> + Send;
}

impl<S: DeadLetterStore> DeadLetterStore for Arc<S> {
    fn is_durable(&self) -> bool {
        (**self).is_durable()
    }

    fn park(&self, letter: DeadLetter) -> impl Future<Output = Result<(), BoxError>> + Send {
        (**self).park(letter)
    }

    fn letters(&self) -> impl Future<Output = Result<Vec<DeadLetter>, BoxError>> + Send {
        (**self).letters()
    }

    fn remove(&self, adapter: &str, event_id: Uuid) -> impl Future<Output = Result<(), BoxError>> + Send {
        (**self).remove(adapter, event_id)
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

/// A store of any type.
pub(crate) trait ErasedStore: Send + Sync {
    fn is_durable(&self) -> bool;
    fn park(&self, letter: DeadLetter) -> Boxed<'_, ()>;
    fn letters(&self) -> Boxed<'_, Vec<DeadLetter>>;
    fn remove<'a>(&'a self, adapter: &'a str, event_id: Uuid) -> Boxed<'a, ()>;
}

impl<S: DeadLetterStore> ErasedStore for S {
    fn is_durable(&self) -> bool {
        DeadLetterStore::is_durable(self)
    }

    fn park(&self, letter: DeadLetter) -> Boxed<'_, ()> {
        Box::pin(DeadLetterStore::park(self, letter))
    }

    fn letters(&self) -> Boxed<'_, Vec<DeadLetter>> {
        Box::pin(DeadLetterStore::letters(self))
    }

    fn remove<'a>(&'a self, adapter: &'a str, event_id: Uuid) -> Boxed<'a, ()> {
        Box::pin(DeadLetterStore::remove(self, adapter, event_id))
    }
}
