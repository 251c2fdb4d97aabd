//! Who watches which event at the moment.

use std::{
    any::Any,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use crate::{
    envelope::Envelope,
    event::Event,
    sync::{Mutex, MutexGuard, PoisonError},
    telemetry,
};

/// Everybody who watches events, by the events' positions in the registry.
pub(crate) struct Subscriptions {
    by_event: Box<[Arc<Watchers>]>,
    /// More than this many for one event are reported.
    warn_above: usize,
}

/// Somebody who watches one event.
pub(crate) trait Watcher: Send + Sync {
    /// Takes an event, or leaves it; must not block or panic.
    fn show(&self, envelope: Arc<dyn Any + Send + Sync>);

    /// Nothing follows.
    fn close(&self);
}

#[derive(Default)]
struct Watchers {
    /// Length of the list, so that an emit nobody watches takes no lock.
    live: AtomicUsize,
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    watchers: Vec<(u64, Arc<dyn Watcher>)>,
    next: u64,
    closed: bool,
}

impl Watchers {
    /// Nothing of the user's runs under this lock; a poisoned one is as good as new.
    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriptions {
    pub(crate) fn new(events: usize, warn_above: usize) -> Self {
        Self { by_event: (0..events).map(|_| Arc::default()).collect(), warn_above }
    }

    #[inline]
    pub(crate) fn is_watched(&self, position: usize) -> bool {
        self.by_event.get(position).is_some_and(|watchers| watchers.live.load(SeqCst) > 0)
    }

    /// Shows an event to everybody who watches it.
    pub(crate) fn show<E: Event>(&self, position: usize, envelope: &Arc<Envelope<E>>) {
        let Some(watchers) = self.by_event.get(position).filter(|watchers| watchers.live.load(SeqCst) > 0) else {
            return;
        };
        // Shown outside of the lock: a predicate may emit, or subscribe.
        let watchers: Vec<_> = watchers.lock().watchers.iter().map(|(_, watcher)| Arc::clone(watcher)).collect();
        for watcher in watchers {
            watcher.show(Arc::clone(envelope) as Arc<dyn Any + Send + Sync>);
        }
    }

    /// Enters a watcher until the registration is dropped.
    pub(crate) fn register<E: Event>(
        &self,
        watcher: Arc<dyn Watcher>,
        place: &'static Location<'static>,
    ) -> Option<Registration> {
        let position = E::descriptor().slot.get();
        let Some(watchers) = position.and_then(|position| self.by_event.get(position)) else {
            watcher.close();
            return None;
        };
        let mut list = watchers.lock();
        if list.closed {
            drop(list);
            watcher.close();
            return None;
        }
        let id = list.next;
        list.next += 1;
        list.watchers.push((id, watcher));
        let live = list.watchers.len();
        watchers.live.store(live, SeqCst);
        drop(list);
        // At the threshold, and each time their number has doubled since.
        if live > self.warn_above
            && (live - 1) % self.warn_above == 0
            && ((live - 1) / self.warn_above).is_power_of_two()
        {
            telemetry::many_subscriptions(E::NAME, live, place);
        }
        Some(Registration { watchers: Arc::clone(watchers), id })
    }

    /// Ends everybody's watch.
    pub(crate) fn close(&self) {
        for watchers in &self.by_event {
            let mut list = watchers.lock();
            list.closed = true;
            let gone = std::mem::take(&mut list.watchers);
            watchers.live.store(0, SeqCst);
            drop(list);
            for (_, watcher) in gone {
                watcher.close();
            }
        }
    }
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        self.close();
    }
}

/// A place among the watchers of one event, given back on drop.
pub(crate) struct Registration {
    watchers: Arc<Watchers>,
    id: u64,
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut list = self.watchers.lock();
        let position = list.watchers.iter().position(|(id, _)| *id == self.id);
        let gone = position.map(|position| list.watchers.remove(position));
        self.watchers.live.store(list.watchers.len(), SeqCst);
        // Dropping a predicate is the user's code.
        drop(list);
        drop(gone);
    }
}
