//! Why a buffer was not handed over.

use std::fmt;

use super::Buffer;

/// Why a commit or a flush handed nothing over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// There is no open buffer: none was started, or it was committed or terminated before.
    #[error("nothing was handed over: no buffer is open")]
    NotStarted,
    /// The scope is a savepoint of an outer one.
    #[error("nothing was handed over: this scope is a savepoint, and only the outermost scope hands over")]
    Savepoint,
    /// The task was attached to a buffer that somebody else has started.
    #[error("nothing was handed over: this task is attached to the buffer, and only who started it hands over")]
    Attached,
    /// There was no room for all of it in the time a layer grants. The events are dropped, and
    /// counted as such.
    #[error("{events} events were not handed over: a queue had no room for all of them in time")]
    Full {
        /// Events the buffer held.
        events: usize,
    },
    /// The queue of an adapter will never have room for all of it, though every emit has checked that.
    /// The events of a commit are dropped, and counted as such; those of a flush stay in the buffer.
    #[error("{events} events were not handed over: they are more than the queue of an adapter holds")]
    TooLarge {
        /// Events the buffer held.
        events: usize,
    },
    /// `shutdown` was called before. The events of a commit are dropped, and counted as such; those of
    /// a flush stay in the buffer.
    #[error("{events} events were not handed over: the emissions are shut down")]
    ShutDown {
        /// Events the buffer held.
        events: usize,
    },
}

/// Why [`Buffer::try_commit`] handed nothing over.
#[derive(Debug)]
#[non_exhaustive]
pub enum TryCommitError {
    /// A queue has no room for the whole batch. Nothing is in any queue; the buffer is as it was.
    Full(Buffer),
    /// Waiting would not help.
    Refused(CommitError),
}

impl TryCommitError {
    /// The buffer, if it can be committed later.
    pub fn into_buffer(self) -> Option<Buffer> {
        match self {
            Self::Full(buffer) => Some(buffer),
            Self::Refused(_) => None,
        }
    }
}

impl fmt::Display for TryCommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(buffer) => {
                write!(f, "nothing was handed over: a queue has no room for all {} events", buffer.len())
            }
            Self::Refused(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for TryCommitError {}

/// Why the events of a scope were not handed over.
#[derive(Debug)]
pub enum ScopeError<E> {
    /// The future returned `Err`; the events were dropped.
    Failed(E),
    /// The future returned `Ok`, but its events could not be handed over.
    NotCommitted(CommitError),
}

impl<E> ScopeError<E> {
    /// The future's own error.
    pub fn into_failure(self) -> Option<E> {
        match self {
            Self::Failed(error) => Some(error),
            Self::NotCommitted(_) => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for ScopeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::NotCommitted(error) => error.fmt(f),
        }
    }
}

// Not bound to `Error`, so that a scope whose error is a boxed one still has an error for `?`.
impl<E: fmt::Display + fmt::Debug> std::error::Error for ScopeError<E> {}
