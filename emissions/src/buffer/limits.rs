//! How much one buffer may hold, checked when an event enters it.

use std::{fmt, io};

use crate::{dispatch::contain::contain, event::Event};

/// Limits of one buffer, its savepoints included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BufferLimits {
    pub(crate) events: usize,
    /// Measured only where it is limited.
    pub(crate) bytes: Option<usize>,
}

impl Default for BufferLimits {
    fn default() -> Self {
        Self { events: 10_000, bytes: None }
    }
}

impl BufferLimits {
    /// No more events than the queue has places: a batch that never fits could never be committed.
    pub(crate) fn within(self, queue_capacity: usize) -> Self {
        Self { events: self.events.min(queue_capacity), ..self }
    }
}

/// The limit of a buffer that an event would have exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BufferLimit {
    /// So many events, from `Builder::buffer_events` or the capacity of the queue they go to.
    Events(usize),
    /// So many bytes of payload, from `Builder::buffer_bytes`.
    Bytes(usize),
}

impl fmt::Display for BufferLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Events(limit) => write!(f, "it may hold {limit} events"),
            Self::Bytes(limit) => write!(f, "it may hold {limit} bytes of payload"),
        }
    }
}

/// What a buffer holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

impl Load {
    /// Adds one event, unless a limit forbids it.
    #[inline]
    pub(crate) fn add(&mut self, bytes: usize, limits: BufferLimits) -> Result<(), BufferLimit> {
        if self.events >= limits.events {
            return Err(BufferLimit::Events(limits.events));
        }
        let total = self.bytes.saturating_add(bytes);
        if let Some(limit) = limits.bytes.filter(|&limit| total > limit) {
            return Err(BufferLimit::Bytes(limit));
        }
        self.events += 1;
        self.bytes = total;
        Ok(())
    }

    pub(crate) fn remove(&mut self, other: Self) {
        self.events = self.events.saturating_sub(other.events);
        self.bytes = self.bytes.saturating_sub(other.bytes);
    }
}

/// Bytes of the payload as JSON; counted while it is written to nowhere, so nothing is allocated.
pub(crate) fn measure<E: Event>(event: &E) -> Result<usize, String> {
    let mut count = Count(0);
    contain(|| serde_json::to_writer(&mut count, event))
        .map_err(|panic| format!("its serialiser panicked: {panic}"))?
        .map_err(|error| error.to_string())?;
    Ok(count.0)
}

struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
