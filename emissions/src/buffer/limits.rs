//! How much one buffer may hold, checked when an event enters it.

use std::fmt;

use crate::{
    Emissions,
    pipeline::{room::Need, route::Hop},
};

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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BufferLimit {
    /// So many events, from `Builder::buffer_events` or the capacity of the queue they go to.
    Events(usize),
    /// So many bytes of payload, from `Builder::buffer_bytes`.
    Bytes(usize),
    /// The capacity of the queue of an adapter, from `AdapterOptions::capacity`: with this event, what
    /// the buffer holds for the adapter would never fit, so the buffer could not be committed.
    Adapter {
        /// Name of the adapter.
        adapter: String,
        /// Most events its queue holds.
        events: usize,
        /// Most bytes of payload its queue holds.
        bytes: usize,
    },
}

impl fmt::Display for BufferLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Events(limit) => write!(f, "it may hold {limit} events"),
            Self::Bytes(limit) => write!(f, "it may hold {limit} bytes of payload"),
            Self::Adapter { adapter, events, bytes } => {
                write!(f, "the queue of the adapter `{adapter}` holds {events} events and {bytes} bytes of payload")
            }
        }
    }
}

/// What a buffer holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Load {
    events: usize,
    bytes: usize,
    /// Per adapter, by its position, what is meant for it.
    adapters: Vec<Need>,
}

impl Load {
    /// Adds one event with its route, unless a limit forbids it.
    #[inline]
    pub(crate) fn admit(&mut self, bytes: usize, hops: &[Hop], emissions: &Emissions) -> Result<(), BufferLimit> {
        let limits = emissions.inner().buffer_limits;
        if self.events >= limits.events {
            return Err(BufferLimit::Events(limits.events));
        }
        if let Some(limit) = limits.bytes.filter(|&limit| self.bytes.saturating_add(bytes) > limit) {
            return Err(BufferLimit::Bytes(limit));
        }
        for hop in hops {
            let lane = &emissions.pipeline().lanes[hop.lane];
            let (held, limit) = (self.adapters.get(hop.lane).copied().unwrap_or_default(), lane.room().limit());
            // A queue that sheds needs no room for all of it.
            if lane.blocks() && !held.plus(Need::event(bytes)).fits_in(limit) {
                let adapter = lane.name.to_string();
                return Err(BufferLimit::Adapter { adapter, events: limit.events, bytes: limit.bytes });
            }
        }
        self.add(bytes, hops);
        Ok(())
    }

    /// Adds one event with its route.
    #[inline]
    pub(crate) fn add(&mut self, bytes: usize, hops: &[Hop]) {
        self.events += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        for hop in hops {
            let held = self.adapter(hop.lane);
            *held = held.plus(Need::event(bytes));
        }
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.events += other.events;
        self.bytes = self.bytes.saturating_add(other.bytes);
        for (lane, need) in other.adapters.iter().enumerate() {
            let held = self.adapter(lane);
            *held = held.plus(*need);
        }
    }

    pub(crate) fn remove(&mut self, other: &Self) {
        self.events = self.events.saturating_sub(other.events);
        self.bytes = self.bytes.saturating_sub(other.bytes);
        for (held, need) in self.adapters.iter_mut().zip(&other.adapters) {
            *held = held.minus(*need);
        }
    }

    fn adapter(&mut self, lane: usize) -> &mut Need {
        if self.adapters.len() <= lane {
            self.adapters.resize(lane + 1, Need::default());
        }
        &mut self.adapters[lane]
    }
}
