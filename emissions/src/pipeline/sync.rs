//! What queues lock with; a model checker puts its own in the place of this file.

pub(crate) use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
