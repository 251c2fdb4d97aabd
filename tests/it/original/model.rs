//! The library that the idea comes from, as its guides describe it: small, and wired as documented.
//!
//! A buffer per request; a commit casts its events to a producer, which keeps them in memory until
//! they are asked for; a broadcast dispatcher hands out as many as the *least* hungry consumer has
//! asked for; each adapter is a consumer, which logs an error and goes on; a plug commits on 2xx. It
//! is a model of the wiring, not of the timing of another runtime.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};

use super::Destination;

/// The whole library; a clone is another handle to it.
#[derive(Clone)]
pub(super) struct Original {
    producer: Arc<Mutex<Producer>>,
    changed: Arc<Notify>,
    errors_logged: Arc<Mutex<Vec<String>>>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

/// Events that were committed and that nobody has asked for, and the demand of each consumer.
#[derive(Default)]
struct Producer {
    queue: VecDeque<u64>,
    consumers: Vec<Consumer>,
}

struct Consumer {
    demand: usize,
    mailbox: mpsc::UnboundedSender<Vec<u64>>,
}

/// How much one consumer asks for at a time: a slow one is told to ask for little.
pub(super) struct MaxDemand(pub(super) usize);

impl Original {
    pub(super) fn start(adapters: impl IntoIterator<Item = (Destination, MaxDemand)>) -> Self {
        let original = Self {
            producer: Arc::default(),
            changed: Arc::default(),
            errors_logged: Arc::default(),
            tasks: Arc::default(),
        };
        for (adapter, MaxDemand(max_demand)) in adapters {
            let (mailbox, events) = mpsc::unbounded_channel();
            original.producer().consumers.push(Consumer { demand: max_demand, mailbox });
            let position = original.producer().consumers.len() - 1;
            let task = tokio::spawn(original.clone().consume(position, adapter, events));
            original.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        }
        original
    }

    /// A buffer for one request or one unit of work.
    pub(super) fn start_buffer(&self) -> OriginalBuffer {
        OriginalBuffer { original: self.clone(), events: Vec::new() }
    }

    /// How many events the library holds in memory that no adapter has.
    pub(super) fn waiting(&self) -> usize {
        self.producer().queue.len()
    }

    /// The supervisor restarts a producer that has crashed, and what depends on it: with nothing.
    pub(super) fn crash_of_the_producer(&self) {
        self.producer().queue.clear();
    }

    pub(super) fn errors_logged(&self) -> usize {
        self.errors_logged.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// An unbounded `cast`: it neither waits nor refuses.
    fn cast(&self, events: Vec<u64>) {
        self.producer().queue.extend(events);
        self.dispatch();
    }

    /// Everybody gets the same events, so nobody gets more than the least that anybody has asked for.
    fn dispatch(&self) {
        let mut producer = self.producer();
        let least = producer.consumers.iter().map(|consumer| consumer.demand).min().unwrap_or(0);
        let batch: Vec<u64> = (0..least).map_while(|_| producer.queue.pop_front()).collect();
        if !batch.is_empty() {
            for consumer in &mut producer.consumers {
                consumer.demand -= batch.len();
                // A consumer that has gone has gone with its supervisor.
                let _ = consumer.mailbox.send(batch.clone());
            }
        }
        drop(producer);
        self.changed.notify_waiters();
    }

    async fn consume(self, position: usize, adapter: Destination, mut events: mpsc::UnboundedReceiver<Vec<u64>>) {
        while let Some(batch) = events.recv().await {
            let asked_for = batch.len();
            if let Err(error) = adapter.take(&batch).await {
                // Logged, and the batch is gone.
                self.errors_logged.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_owned());
            }
            self.producer().consumers[position].demand += asked_for;
            self.dispatch();
        }
    }

    fn producer(&self) -> MutexGuard<'_, Producer> {
        self.producer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The events of one request.
pub(super) struct OriginalBuffer {
    original: Original,
    events: Vec<u64>,
}

impl OriginalBuffer {
    pub(super) fn emit(&mut self, event: u64) {
        self.events.push(event);
    }

    pub(super) fn commit(self) {
        self.original.cast(self.events);
    }

    /// What the plug does with the buffer before the response is sent.
    pub(super) fn before_send(self, status: u16) {
        if (200..300).contains(&status) {
            self.commit();
        }
    }
}
