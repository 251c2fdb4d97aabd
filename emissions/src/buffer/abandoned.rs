//! Buffers nobody decided about, by the place where they were started.

use std::{
    collections::BTreeMap,
    fmt,
    panic::Location,
    sync::{Mutex, PoisonError},
};

use crate::Emissions;

/// Buffers started at one place in the source that were dropped with neither commit nor terminate.
///
/// A panic, an aborted or cancelled task, the end of the runtime, or a handle that was forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abandoned {
    /// Where they were started.
    pub started_at: &'static Location<'static>,
    /// How many buffers.
    pub buffers: u64,
    /// How many events they held, all dropped.
    pub events: u64,
}

impl fmt::Display for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started_at, buffers, events } = self;
        write!(f, "{buffers} buffers started at {started_at} were abandoned with {events} events")
    }
}

/// One entry per place, so its size is bounded by the program's.
#[derive(Default)]
pub(crate) struct Abandonments(Mutex<BTreeMap<&'static Location<'static>, (u64, u64)>>);

impl Abandonments {
    pub(super) fn add(&self, started_at: &'static Location<'static>, events: u64) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = places.entry(started_at).or_default();
        place.0 += 1;
        place.1 += events;
    }
}

impl Emissions {
    /// Every place where a buffer was started that was then abandoned, sorted by file and line.
    pub fn abandoned(&self) -> Vec<Abandoned> {
        let places = self.inner().abandoned.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = |(&started_at, &(buffers, events)): (&&'static Location<'static>, &(u64, u64))| Abandoned {
            started_at,
            buffers,
            events,
        };
        places.iter().map(entry).collect()
    }
}
