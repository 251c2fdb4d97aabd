//! Where a subscription keeps what it has not taken yet: bounded, and never silent about a loss.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

use crate::sync::{Mutex, MutexGuard, PoisonError};

/// What a subscription does when events come faster than it takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LagPolicy {
    /// The oldest events make room; the stream says how many, before the first that is left.
    #[default]
    SkipOldest,
    /// Further events are skipped; the stream says how many, where they would have been.
    SkipNewest,
    /// The stream ends: after what it has, it says that it missed one, and then no more.
    End,
}

/// A bounded queue between those who emit and one subscriber.
pub(crate) struct Inbox<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    entries: VecDeque<Entry<T>>,
    /// How many of the entries are events.
    held: usize,
    capacity: usize,
    policy: LagPolicy,
    reader: Option<Waker>,
    open: bool,
}

enum Entry<T> {
    Event(T),
    /// Events that are missing at this point of the stream.
    Missed(u64),
}

/// What a push did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pushed<T> {
    Kept,
    /// Somebody had to go; it is the caller's to drop, outside of any lock.
    Lost(T),
}

impl<T> Inbox<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State {
            entries: VecDeque::new(),
            held: 0,
            capacity,
            policy: LagPolicy::default(),
            reader: None,
            open: true,
        };
        Self { state: Mutex::new(state) }
    }

    /// Nothing of the user's runs under this lock; a poisoned one is as good as new.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_capacity(&self, capacity: usize) {
        self.lock().capacity = capacity.max(1);
    }

    pub(crate) fn set_policy(&self, policy: LagPolicy) {
        self.lock().policy = policy;
    }

    pub(crate) fn push(&self, event: T) -> Pushed<T> {
        let mut state = self.lock();
        let pushed = state.push(event);
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
        pushed
    }

    /// Nothing comes after what is in it.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.open = false;
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// The next event, or how many are missing; nothing once it is closed and empty.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Result<T, u64>>> {
        let mut state = self.lock();
        match state.entries.pop_front() {
            Some(Entry::Event(event)) => {
                state.held -= 1;
                Poll::Ready(Some(Ok(event)))
            }
            Some(Entry::Missed(missed)) => Poll::Ready(Some(Err(missed))),
            None if !state.open => Poll::Ready(None),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> State<T> {
    fn push(&mut self, event: T) -> Pushed<T> {
        if !self.open {
            return Pushed::Lost(event);
        }
        if self.held < self.capacity {
            self.entries.push_back(Entry::Event(event));
            self.held += 1;
            return Pushed::Kept;
        }
        match self.policy {
            LagPolicy::SkipOldest => {
                // At most one mark stands before the oldest event.
                let mut missed = 1;
                while let Some(entry) = self.entries.pop_front() {
                    match entry {
                        Entry::Missed(before) => missed += before,
                        Entry::Event(oldest) => {
                            self.entries.push_front(Entry::Missed(missed));
                            self.entries.push_back(Entry::Event(event));
                            return Pushed::Lost(oldest);
                        }
                    }
                }
                Pushed::Lost(event)
            }
            LagPolicy::SkipNewest => {
                self.mark();
                Pushed::Lost(event)
            }
            LagPolicy::End => {
                self.mark();
                self.open = false;
                Pushed::Lost(event)
            }
        }
    }

    /// Says at the end of the queue that one more is missing.
    fn mark(&mut self) {
        match self.entries.back_mut() {
            Some(Entry::Missed(missed)) => *missed += 1,
            _ => self.entries.push_back(Entry::Missed(1)),
        }
    }
}
