//! Dead letters in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::{DeadLetter, DeadLetterStore};
use crate::listener::BoxError;

/// Keeps dead letters in memory, up to a number: what the pipeline uses unless it is given a store.
///
/// They end with the process.
#[derive(Debug)]
pub struct MemoryDeadLetters {
    letters: Mutex<Vec<DeadLetter>>,
    capacity: usize,
}

impl MemoryDeadLetters {
    /// Keeps up to so many letters; a full store refuses, and the event counts as dropped.
    pub fn new(capacity: usize) -> Self {
        Self { letters: Mutex::default(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<DeadLetter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryDeadLetters {
    /// Room for 1,000 letters.
    fn default() -> Self {
        Self::new(1000)
    }
}

impl DeadLetterStore for MemoryDeadLetters {
    fn is_durable(&self) -> bool {
        false
    }

    async fn park(&self, letter: DeadLetter) -> Result<(), BoxError> {
        let mut letters = self.lock();
        letters.retain(|kept| !kept.is(&letter.adapter, letter.event_id()));
        if letters.len() >= self.capacity {
            return Err(format!("the store is full with {} letters", self.capacity).into());
        }
        letters.push(letter);
        Ok(())
    }

    async fn letters(&self) -> Result<Vec<DeadLetter>, BoxError> {
        Ok(self.lock().clone())
    }

    async fn remove(&self, adapter: &str, event_id: Uuid) -> Result<(), BoxError> {
        self.lock().retain(|letter| !letter.is(adapter, event_id));
        Ok(())
    }
}
