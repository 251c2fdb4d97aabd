//! Is the receiver of a `spawn` a task tracker, which keeps an eye on what it starts?

use std::ops::Deref;

use tokio_util::task::TaskTracker;

use super::find::{Clear, Probe};

/// The receiver keeps track of what it starts.
pub struct Tracks(());

/// The receiver is anything else.
pub struct LetsGo(());

impl Tracks {
    /// The handle may be dropped.
    pub fn judge<A>(&self, _: A) -> Clear {
        Clear
    }
}

impl LetsGo {
    /// The handle is judged like any other.
    pub fn judge<A>(&self, finding: A) -> A {
        finding
    }
}

/// The receiver is a tracker.
pub trait S2 {
    /// It is.
    fn spawner(&self) -> Tracks {
        Tracks(())
    }
}
impl S2 for &&Probe<TaskTracker> {}
impl S2 for &&Probe<tokio::task::LocalSet> {}

/// The receiver leads to a tracker.
pub trait S1 {
    /// It does.
    fn spawner(&self) -> Tracks {
        Tracks(())
    }
}
impl<T: Deref<Target = TaskTracker>> S1 for &Probe<T> {}

/// The receiver is anything.
pub trait S0 {
    /// It may be anything.
    fn spawner(&self) -> LetsGo {
        LetsGo(())
    }
}
impl<T: ?Sized> S0 for Probe<T> {}
