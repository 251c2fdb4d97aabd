//! The shop's state, in memory.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Orders that were taken, and what was done for them.
#[derive(Default)]
pub(crate) struct Shop {
    last_order: AtomicU64,
    /// What listeners did: order, and a sentence. The newest come last.
    done: Mutex<Vec<(u64, String)>>,
}

/// How much the page shows; everything older is forgotten, so that the shop can run for ever.
const SHOWN: usize = 20;

impl Shop {
    /// The number of the next order.
    pub(crate) fn next_order(&self) -> u64 {
        self.last_order.fetch_add(1, Relaxed) + 1
    }

    /// Writes down what a listener did.
    pub(crate) fn note(&self, order_id: u64, what: String) {
        let mut done = self.done();
        if done.len() == SHOWN {
            done.remove(0);
        }
        done.push((order_id, what));
    }

    /// What listeners did lately, the newest first.
    pub(crate) fn lately(&self) -> Vec<(u64, String)> {
        self.done().iter().rev().cloned().collect()
    }

    fn done(&self) -> MutexGuard<'_, Vec<(u64, String)>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
