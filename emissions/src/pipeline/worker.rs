//! The task of one adapter: batches, retries, settles.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{
    adapter::ErasedAdapter,
    breaker::Breaker,
    capabilities::Capabilities,
    delivery::Settlement,
    lane::{Carried, OUTAGE},
    options::AdapterOptions,
    queue::{Queued, Receiver},
};
use crate::{
    buffer::Whereabouts,
    dead_letter::{DeadLetter, ErasedStore, ParkReason},
    dispatch::contain::{Slot, contain},
    envelope::RawEnvelope,
    gate::report::Chain,
    listener::BoxError,
    telemetry::{CallOutcome, LaneNumbers},
};

/// Errors kept per event; attempts beyond keep the newest.
const LONGEST_HISTORY: usize = 32;

/// Everything one adapter's task owns.
pub(crate) struct Worker {
    pub(crate) name: Arc<str>,
    pub(crate) adapter: Arc<dyn ErasedAdapter>,
    pub(crate) options: AdapterOptions,
    pub(crate) capabilities: Capabilities,
    pub(crate) breaker: Breaker,
    pub(crate) numbers: LaneNumbers,
    pub(crate) store: Arc<dyn ErasedStore>,
    pub(crate) receiver: Receiver<Carried>,
    pub(crate) backlog: Backlog,
}

/// What was taken out of the queue and is not settled.
#[derive(Default)]
pub(crate) struct Backlog {
    /// What is being put together or delivered.
    batch: Vec<Queued<Carried>>,
    /// Goes before everything in the queue.
    ready: VecDeque<Queued<Carried>>,
    /// Waits for its next try.
    retry: Vec<(Instant, Queued<Carried>)>,
    /// Per key of an event that waits for its next try: those behind it.
    held: HashMap<Arc<str>, VecDeque<Queued<Carried>>>,
    /// The pushing end of the queue is gone, and the queue is empty.
    ended: bool,
}

impl Worker {
    /// Runs until the queue has ended and everything is settled, or until it is stopped.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            match stop.run_until_cancelled(self.next_batch()).await {
                None => return self.abandon().await,
                Some(false) => return,
                Some(true) => {}
            }
            let probing = self.breaker.is_open();
            let Some(settlements) = stop.run_until_cancelled(self.call()).await else { return self.abandon().await };
            self.settle(settlements, probing).await;
        }
    }

    /// Puts a batch together; false if there will never be one again.
    async fn next_batch(&mut self) -> bool {
        if let Some(until) = self.breaker.open_until() {
            sleep_until(until).await;
        }
        let most = if self.breaker.is_open() { 1 } else { self.options.batch.events };
        let mut linger = None;
        loop {
            let full = self.fill(most);
            if full || (!self.backlog.batch.is_empty() && self.options.linger.is_zero()) {
                return true;
            }
            if self.backlog.batch.is_empty() {
                linger = None;
                if self.backlog.is_done() {
                    return false;
                }
            } else if self.backlog.ended {
                // Nothing more will come, except what failed before.
                return true;
            }
            let due = self.backlog.retry.iter().map(|(due, _)| *due).min();
            let close = (!self.backlog.batch.is_empty())
                .then(|| *linger.get_or_insert_with(|| Instant::now() + self.options.linger));
            let wake = [due, close].into_iter().flatten().min();
            match (self.backlog.ended, wake) {
                (true, Some(wake)) => sleep_until(wake).await,
                // Done was asked above.
                (true, None) => return false,
                (false, None) => self.receive().await,
                (false, Some(wake)) => {
                    // Nothing is lost if time is over: what came is in the backlog.
                    let _ = timeout_at(wake, self.receive()).await;
                }
            }
            if close.is_some_and(|close| close <= Instant::now()) {
                self.fill(most);
                return true;
            }
        }
    }

    async fn receive(&mut self) {
        match self.receiver.recv().await {
            Some(queued) => self.backlog.ready.push_back(queued),
            None => self.backlog.ended = true,
        }
    }

    /// Takes what may go into the batch now; true if it is full.
    fn fill(&mut self, most: usize) -> bool {
        let together = self.capabilities.ordered || self.capabilities.atomic_batch;
        let Backlog { batch, ready, retry, held, ended } = &mut self.backlog;
        let mut bytes: usize = batch.iter().map(|queued| queued.item.event.payload.len()).sum();
        let mut keys: HashSet<Arc<str>> = batch.iter().filter_map(|queued| queued.item.key().cloned()).collect();
        // Of a key that is in the batch already, in their order.
        let mut aside = Vec::new();
        let mut due = take_due(retry);
        let mut full = batch.len() >= most;
        while !full && aside.len() < most {
            let (again, queued) = if let Some(queued) = due.pop_front() {
                (true, queued)
            } else if let Some(queued) = ready.pop_front() {
                (false, queued)
            } else {
                match self.receiver.try_recv() {
                    Poll::Ready(Some(queued)) => (false, queued),
                    Poll::Ready(None) => {
                        *ended = true;
                        break;
                    }
                    Poll::Pending => break,
                }
            };
            if queued.item.is_abandoned() {
                if let Some(key) = queued.item.key().filter(|_| again) {
                    release(held, ready, key);
                }
                queued.item.cancelled();
                continue;
            }
            if let Some(key) = queued.item.key() {
                if !again && let Some(behind) = held.get_mut(key) {
                    behind.push_back(queued);
                    continue;
                }
                if keys.contains(key) && !together {
                    aside.push(queued);
                    continue;
                }
                keys.insert(Arc::clone(key));
            }
            let size = queued.item.event.payload.len();
            if !batch.is_empty() && bytes.saturating_add(size) > self.options.batch.bytes {
                if again {
                    due.push_front(queued);
                } else {
                    ready.push_front(queued);
                }
                full = true;
                break;
            }
            bytes = bytes.saturating_add(size);
            batch.push(queued);
            full = batch.len() >= most;
        }
        let now = Instant::now();
        retry.extend(due.into_iter().map(|queued| (now, queued)));
        for queued in aside.into_iter().rev() {
            ready.push_front(queued);
        }
        full
    }

    /// Calls the adapter; there is one settlement per event of the batch.
    async fn call(&mut self) -> Vec<Settlement> {
        let events: Vec<RawEnvelope> = self.backlog.batch.iter().map(|queued| queued.item.event.clone()).collect();
        let call = async {
            let mut future = pin!(Slot::holding(contain(|| self.adapter.deliver(&events))?));
            poll_fn(|cx| future.as_mut().poll(cx)).await
        };
        let all = |why: &dyn Fn() -> BoxError| events.iter().map(|_| Settlement::retry(why())).collect();
        let began = Instant::now();
        let result = timeout(self.options.timeout, call).await;
        let elapsed = began.elapsed();
        let (outcome, settlements) = match result {
            Ok(Ok(delivery)) => {
                let mut settlements = delivery.into_settlements();
                let (given, wanted) = (settlements.len(), events.len());
                if given != wanted {
                    tracing::error!(adapter = %self.name, given, wanted, "adapter settled another number of events");
                    settlements.truncate(wanted);
                    let why = || format!("the adapter settled {given} of {wanted} events");
                    settlements.resize_with(wanted, || Settlement::retry(why()));
                }
                let outcome = match settlements.iter().filter(|settlement| settlement.is_acked()).count() {
                    0 => CallOutcome::Failed,
                    acked if acked == wanted => CallOutcome::Acked,
                    _ => CallOutcome::Partial,
                };
                (outcome, settlements)
            }
            Ok(Err(panic)) => (CallOutcome::Panicked, all(&|| format!("the adapter panicked: {panic}").into())),
            Err(_) => {
                let limit = self.options.timeout;
                (CallOutcome::TimedOut, all(&|| format!("the adapter did not answer within {limit:?}").into()))
            }
        };
        self.numbers.called(outcome, elapsed);
        settlements
    }

    async fn settle(&mut self, settlements: Vec<Settlement>, probing: bool) {
        self.judge(&settlements);
        let batch = std::mem::take(&mut self.backlog.batch);
        // Keys of which an event of this batch was not taken.
        let mut broken: HashSet<Arc<str>> = HashSet::new();
        // Keys of which one was settled, and those of which one is tried again and holds the others back.
        let (mut settled, mut retried) = (Vec::new(), HashSet::new());
        for (mut queued, settlement) in batch.into_iter().zip(settlements) {
            let key = queued.item.key().cloned();
            match settlement {
                Settlement::Acked => {
                    queued.item.acked();
                    settled.extend(key);
                }
                Settlement::Refused(error) => {
                    queued.item.failed(&error, true);
                    self.give_up(queued, error, ParkReason::Refused).await;
                    settled.extend(key);
                }
                Settlement::Retry { error, after } => {
                    if self.breaker.is_open()
                        && let Some(witness) = queued.item.take_witness()
                    {
                        witness.failed(&Chain(&*error), Whereabouts::InFlight);
                    }
                    if queued.item.is_owned() && self.breaker.is_open() {
                        queued.item.failed(&error, !probing);
                        queued.item.give_back(error);
                        settled.extend(key);
                        continue;
                    }
                    if let Some(key) = &key
                        && !broken.insert(Arc::clone(key))
                    {
                        // Behind one of its key that failed: not its own failure.
                        self.backlog.held.entry(Arc::clone(key)).or_default().push_back(queued);
                        continue;
                    }
                    queued.item.failed(&error, !probing);
                    if queued.item.attempts >= self.options.retry.attempts {
                        self.give_up(queued, error, ParkReason::AttemptsExhausted).await;
                        settled.extend(key);
                    } else {
                        let pause = self.options.retry.backoff.pause_before(queued.item.attempts.saturating_add(1));
                        let pause = pause.max(after.unwrap_or_default());
                        tracing::debug!(adapter = %self.name, event_id = %queued.item.event.event_id,
                            attempt = queued.item.attempts, ?pause, error = %Chain(&*error), "delivery failed and is tried again");
                        self.numbers.retried();
                        let now = Instant::now();
                        let due = now.checked_add(pause).unwrap_or(now);
                        if let Some(key) = key {
                            self.backlog.held.entry(Arc::clone(&key)).or_default();
                            retried.insert(key);
                        }
                        self.backlog.retry.push((due, queued));
                    }
                }
            }
        }
        // Only now: one that was given up may have had others of its key behind it in the batch.
        for key in settled.iter().filter(|key| !retried.contains(*key)) {
            self.release(Some(key));
        }
    }

    /// Tells the circuit breaker how the call went.
    fn judge(&mut self, settlements: &[Settlement]) {
        let fruitless = settlements.iter().all(|settlement| matches!(settlement, Settlement::Retry { .. }));
        if !fruitless {
            if self.breaker.is_open() {
                tracing::info!(adapter = %self.name, "circuit closed");
            }
            self.breaker.succeeded();
            return;
        }
        if self.breaker.failed() {
            tracing::error!(adapter = %self.name, "circuit opened: the adapter delivers nothing");
        }
        if self.breaker.is_open() {
            // Also after a probe: somebody may have come who did not know yet.
            self.turn_waiters_away();
        }
    }

    /// Nobody is to wait for the end of an outage.
    fn turn_waiters_away(&mut self) {
        let mut witnesses = Vec::new();
        self.receiver.visit(|carried| witnesses.extend(carried.take_witness()));
        self.backlog.visit(|carried| witnesses.extend(carried.take_witness()));
        witnesses.into_iter().for_each(|witness| witness.failed(&OUTAGE, Whereabouts::InFlight));
        let mut owned = self.receiver.extract(Carried::is_owned);
        owned.extend(self.backlog.extract_owned());
        for queued in owned {
            let key = queued.item.key().cloned();
            let blocked = key.as_ref().is_some_and(|key| {
                // It was the one that held the others back, unless another of its key still waits.
                !self.backlog.retry.iter().any(|(_, other)| other.item.key() == Some(key))
            });
            queued.item.give_back(OUTAGE.into());
            if blocked && !self.backlog.batch.iter().any(|other| other.item.key() == key.as_ref()) {
                self.release(key.as_ref());
            }
        }
    }

    /// Lets those go on that were held back by an event of their key.
    fn release(&mut self, key: Option<&Arc<str>>) {
        if let Some(key) = key {
            release(&mut self.backlog.held, &mut self.backlog.ready, key);
        }
    }

    /// Gives an event back to the one who waits for it, or parks it.
    async fn give_up(&self, queued: Queued<Carried>, error: BoxError, reason: ParkReason) {
        if queued.item.is_owned() {
            return queued.item.give_back(error);
        }
        self.park(queued, reason).await;
    }

    async fn park(&self, Queued { item, place }: Queued<Carried>, reason: ParkReason) {
        let letter = DeadLetter::new(&self.name, &item, reason);
        tracing::error!(adapter = %self.name, event = %item.event.event_type, event_id = %item.event.event_id,
            attempts = item.attempts, %reason, "event parked");
        // A store that hangs must not take the adapter with it.
        let parking = async {
            let mut future = pin!(Slot::holding(contain(|| self.store.park(letter))?));
            poll_fn(|cx| future.as_mut().poll(cx)).await
        };
        let result: Result<(), BoxError> = match timeout(self.options.timeout, parking).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(format!("the store panicked: {panic}").into()),
            Err(_) => Err("the store did not answer in time".into()),
        };
        match result {
            Ok(()) => item.parked(),
            Err(error) => {
                tracing::error!(adapter = %self.name, event = %item.event.event_type, event_id = %item.event.event_id,
                    error = %Chain(&*error), "event lost: it was not delivered, and the dead-letter store did not take it");
                item.unparked();
            }
        }
        drop(place);
    }

    /// The deadline of the shutdown has passed: what is left is parked where that outlives the
    /// process, and lost otherwise.
    async fn abandon(mut self) {
        let left = self.backlog.take_all(self.receiver.extract(|_| true));
        if !self.store.is_durable() {
            return;
        }
        let parking = async {
            for queued in left {
                if queued.item.is_owned() {
                    queued.item.give_back("the emissions were shut down".into());
                } else {
                    self.park(queued, ParkReason::Shutdown).await;
                }
            }
        };
        let _ = timeout(PARKING, parking).await;
    }
}

/// How long parking at the end of a shutdown may take.
const PARKING: Duration = Duration::from_millis(900);

/// Those whose time has come, in the order in which they fell due.
fn take_due(retry: &mut Vec<(Instant, Queued<Carried>)>) -> VecDeque<Queued<Carried>> {
    let now = Instant::now();
    let mut due: Vec<_> = retry.extract_if(.., |(due, _)| *due <= now).collect();
    due.sort_by_key(|(due, _)| *due);
    due.into_iter().map(|(_, queued)| queued).collect()
}

fn release(
    held: &mut HashMap<Arc<str>, VecDeque<Queued<Carried>>>,
    ready: &mut VecDeque<Queued<Carried>>,
    key: &Arc<str>,
) {
    for queued in held.remove(key).into_iter().flatten().rev() {
        ready.push_front(queued);
    }
}

impl Backlog {
    fn is_done(&self) -> bool {
        self.ended && self.ready.is_empty() && self.retry.is_empty() && self.held.is_empty()
    }

    /// Takes out everything that is somebody's still, except what is in the batch.
    fn extract_owned(&mut self) -> Vec<Queued<Carried>> {
        let mut owned: Vec<_> =
            self.retry.extract_if(.., |(_, queued)| queued.item.is_owned()).map(|(_, queued)| queued).collect();
        for line in self.held.values_mut().chain([&mut self.ready]) {
            let (taken, left) = std::mem::take(line).into_iter().partition(|queued| queued.item.is_owned());
            *line = left;
            owned.extend::<VecDeque<_>>(taken);
        }
        owned
    }

    /// Shows everything, except what is in the batch.
    fn visit(&mut self, mut see: impl FnMut(&mut Carried)) {
        self.retry.iter_mut().for_each(|(_, queued)| see(&mut queued.item));
        let lines = self.held.values_mut().chain([&mut self.ready]);
        lines.flatten().for_each(|queued| see(&mut queued.item));
    }

    /// Everything, in the order in which it would have gone out.
    fn take_all(&mut self, queue: Vec<Queued<Carried>>) -> Vec<Queued<Carried>> {
        let Self { batch, ready, retry, held, ended: _ } = std::mem::take(self);
        let retry = retry.into_iter().map(|(_, queued)| queued);
        batch.into_iter().chain(retry).chain(held.into_values().flatten()).chain(ready).chain(queue).collect()
    }
}

impl Carried {
    /// Writes a failure down.
    fn failed(&mut self, error: &BoxError, counts: bool) {
        if counts {
            self.attempts = self.attempts.saturating_add(1);
        }
        if self.errors.len() >= LONGEST_HISTORY {
            self.errors.remove(0);
        }
        self.errors.push(Chain(&**error).to_string());
    }
}
