//! The primitives behind state shared between threads.
//!
//! The files that use them are compiled a second time by the `interleavings` test, where this
//! module is one of shuttle's, which tries many schedules.

pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError};

/// Atomics.
pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
}
