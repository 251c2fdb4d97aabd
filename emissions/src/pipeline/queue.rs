//! Bounded queues, one per adapter and one behind `emit`.
//!
//! A push needs a [`Reserved`] place and can't fail. The place goes with what was pushed, so what a
//! consumer has taken out but not settled still counts: a queue's limits are limits of memory.

use std::{
    collections::VecDeque,
    future::poll_fn,
    task::{Context, Poll, Waker},
};

use super::{
    room::{Need, RefusalReason, Reserved, Room},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The pushing end of a queue; the consumer ends when it is dropped and the queue is empty.
pub(crate) struct Queue<T> {
    room: Room,
    channel: Arc<Mutex<Channel<T>>>,
}

/// The consuming end of a queue.
pub(crate) struct Receiver<T> {
    room: Room,
    channel: Arc<Mutex<Channel<T>>>,
}

/// Something queued, and the place it has in the queue until it is settled.
pub(crate) struct Queued<T> {
    pub(crate) item: T,
    pub(crate) place: Reserved,
}

struct Channel<T> {
    items: VecDeque<Queued<T>>,
    consumer: Option<Waker>,
    open: bool,
}

/// A queue with room for so many events and bytes.
pub(crate) fn bounded<T>(limit: Need) -> (Queue<T>, Receiver<T>) {
    let room = Room::new(limit);
    let channel = Arc::new(Mutex::new(Channel { items: VecDeque::new(), consumer: None, open: true }));
    (Queue { room: room.clone(), channel: Arc::clone(&channel) }, Receiver { room, channel })
}

fn lock<T>(channel: &Mutex<Channel<T>>) -> MutexGuard<'_, Channel<T>> {
    channel.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Queue<T> {
    /// Where places come from.
    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    /// Appends something to the queue.
    ///
    /// If the consumer is gone it is dropped here and now: what must be counted has a guard.
    pub(crate) fn push(&self, place: Reserved, item: T) {
        self.push_all([(place, item)]);
    }

    /// Appends a batch; nothing of anybody else comes between.
    pub(crate) fn push_all(&self, batch: impl IntoIterator<Item = (Reserved, T)>) {
        let batch = batch.into_iter().map(|(place, item)| Queued { item, place });
        let mut channel = lock(&self.channel);
        if !channel.open {
            drop(channel);
            return batch.for_each(drop);
        }
        channel.items.extend(batch);
        let consumer = channel.consumer.take();
        drop(channel);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }

    /// Takes room; if there is none, pushes the oldest out until there is. They come back, so that
    /// they can be counted. What the consumer has taken already stays.
    pub(crate) fn reserve_by_shedding(&self, need: Need) -> (Result<Reserved, RefusalReason>, Vec<T>) {
        let mut shed = Vec::new();
        loop {
            match self.room.try_reserve(need) {
                Err(RefusalReason::Full) => {}
                result => return (result, shed),
            }
            let oldest = lock(&self.channel).items.pop_front();
            match oldest {
                Some(Queued { item, place }) => {
                    drop(place);
                    shed.push(item);
                }
                None => return (Err(RefusalReason::Full), shed),
            }
        }
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        let mut channel = lock(&self.channel);
        channel.open = false;
        let consumer = channel.consumer.take();
        drop(channel);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }
}

impl<T> Receiver<T> {
    /// The next in the queue; nothing once the pushing end is gone and the queue is empty.
    pub(crate) async fn recv(&mut self) -> Option<Queued<T>> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// As [`recv`](Self::recv), without waiting: pending if there is none now.
    pub(crate) fn try_recv(&mut self) -> Poll<Option<Queued<T>>> {
        let mut channel = lock(&self.channel);
        match channel.items.pop_front() {
            None if channel.open => Poll::Pending,
            next => Poll::Ready(next),
        }
    }

    /// Takes out everything that matches, wherever it stands.
    pub(crate) fn extract(&mut self, matches: impl Fn(&T) -> bool) -> Vec<Queued<T>> {
        let mut channel = lock(&self.channel);
        let (taken, left) = std::mem::take(&mut channel.items).into_iter().partition(|queued| matches(&queued.item));
        channel.items = left;
        drop(channel);
        VecDeque::into(taken)
    }

    /// Shows everything that is in the queue; `see` runs under its lock.
    pub(crate) fn visit(&mut self, mut see: impl FnMut(&mut T)) {
        lock(&self.channel).items.iter_mut().for_each(|queued| see(&mut queued.item));
    }

    /// As [`recv`](Self::recv).
    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<Queued<T>>> {
        let mut channel = lock(&self.channel);
        match channel.items.pop_front() {
            Some(queued) => Poll::Ready(Some(queued)),
            None if !channel.open => Poll::Ready(None),
            None => {
                channel.consumer = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.room.close();
        let mut channel = lock(&self.channel);
        channel.open = false;
        let rest = std::mem::take(&mut channel.items);
        // Dropping them is other people's code.
        drop(channel);
        drop(rest);
    }
}
