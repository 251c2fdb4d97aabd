//! The story that gates a stamp: rows are written, an event is emitted, "synced" is recorded. What
//! goes wrong with it elsewhere, one test each.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use emissions::{Emissions, Envelope, Gate, GateError, event, on_event};
use futures::FutureExt as _;

use crate::support::{Refused, only, warnings};

type EventId = String;

/// The address book of one account was written in bulk.
#[event(name = "addresses.upserted", bulk = contact_emails, on_empty = "open")]
struct AddressesUpserted {
    /// Addresses that now exist.
    contact_emails: Vec<String>,
}

/// The address book of one account was opened; nobody listens.
#[event(name = "address_book.opened")]
struct AddressBookOpened {
    /// Account that owns it.
    account_number: u32,
}

/// The queue of a service, behind a trait so that a test can put another one in its place.
trait JobQueue: Send + Sync {
    fn add(&self, job: (EventId, usize), emails: &[String]) -> Result<(), Refused>;
}

/// Takes jobs until it has taken so many, then refuses; a job it has is not added again.
struct Queue {
    jobs: Mutex<BTreeMap<(EventId, usize), usize>>,
    added: AtomicUsize,
    takes: AtomicUsize,
}

impl Queue {
    fn that_takes(jobs: usize) -> Arc<Self> {
        Arc::new(Self { jobs: Mutex::default(), added: AtomicUsize::new(0), takes: AtomicUsize::new(jobs) })
    }

    fn addresses(&self) -> usize {
        self.jobs.lock().unwrap().values().sum()
    }
}

impl JobQueue for Queue {
    fn add(&self, job: (EventId, usize), emails: &[String]) -> Result<(), Refused> {
        let mut jobs = self.jobs.lock().unwrap();
        if !jobs.contains_key(&job) && jobs.len() >= self.takes.load(SeqCst) {
            return Err(Refused("the queue takes no jobs"));
        }
        self.added.fetch_add(1, SeqCst);
        jobs.insert(job, emails.len());
        Ok(())
    }
}

#[on_event]
async fn enqueue_index_jobs(event: &Envelope<AddressesUpserted>, queue: &dyn JobQueue) -> Result<(), Refused> {
    for (number, emails) in event.payload.contact_emails.chunks(100).enumerate() {
        queue.add((event.event_id.to_string(), number), emails)?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// What records success; it can't be called without the proof.
#[derive(Default)]
struct Integrations {
    stamps: Mutex<Vec<EventId>>,
}

impl Integrations {
    fn stamp_synced(&self, gate: &Gate<AddressesUpserted>) {
        self.stamps.lock().unwrap().push(gate.event_id().to_string());
    }

    fn stamps(&self) -> usize {
        self.stamps.lock().unwrap().len()
    }
}

/// The use case as a service would write it.
async fn import(
    emissions: &Emissions,
    integrations: &Integrations,
    addresses: usize,
) -> Result<(), GateError<AddressesUpserted>> {
    let contact_emails = (0..addresses).map(|number| format!("reader-{number}@example.org")).collect();
    let gate = emissions.emit_async(AddressesUpserted { contact_emails }).await?;
    integrations.stamp_synced(&gate);
    Ok(())
}

async fn start(queue: &Arc<Queue>) -> Emissions {
    let queue: Arc<dyn JobQueue> = Arc::clone(queue) as _;
    only(module_path!()).provide_arc(queue).start().await.unwrap()
}

#[test]
fn a_queue_that_refuses_means_no_stamp_and_both_the_caller_and_the_log_are_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (queue, integrations) = (Queue::that_takes(0), Integrations::default());
    let (imported, warnings) = warnings(|| {
        runtime.block_on(async {
            let emissions = start(&queue).await;
            import(&emissions, &integrations, 3).await
        })
    });
    let error = imported.unwrap_err();
    assert_eq!(integrations.stamps(), 0);
    assert!(error.to_string().contains("the queue takes no jobs"), "{error}");
    assert!(error.to_string().contains("enqueue_index_jobs"), "{error}");
    assert!(warnings.iter().any(|warning| warning.contains("gate stayed shut")), "{warnings:?}");
}

#[tokio::test]
async fn half_a_batch_is_no_batch_and_a_retry_adds_nothing_twice() {
    let (queue, integrations) = (Queue::that_takes(2), Integrations::default());
    let emissions = start(&queue).await;

    let error = import(&emissions, &integrations, 250).await.unwrap_err();
    assert_eq!((queue.addresses(), integrations.stamps()), (200, 0), "200 of 250 are queued, and nothing says done");

    queue.takes.store(usize::MAX, SeqCst);
    let gate = error.retry_failed(&emissions).await.unwrap();
    integrations.stamp_synced(&gate);
    assert_eq!((queue.addresses(), integrations.stamps()), (250, 1));
    assert_eq!(queue.added.load(SeqCst), 5, "the listener ran twice, and the event's identity told the queue");
}

#[tokio::test]
async fn an_empty_batch_is_stamped_because_the_event_says_so() {
    let (queue, integrations) = (Queue::that_takes(0), Integrations::default());
    let emissions = start(&queue).await;
    import(&emissions, &integrations, 0).await.unwrap();
    assert_eq!((queue.addresses(), integrations.stamps()), (0, 1));
}

#[tokio::test]
async fn who_comes_after_the_start_neither_holds_a_gate_nor_opens_one() {
    let queue = Queue::that_takes(9);
    let emissions = start(&queue).await;
    let mut late = emissions.subscribe::<AddressBookOpened>();
    let refused = emissions.emit_async(AddressBookOpened { account_number: 7 }).await.unwrap_err();
    assert!(matches!(refused, GateError::NoListener(_)), "watching is not handling: {refused}");
    assert!(late.next().now_or_never().is_none(), "an event that nobody handles is shown to nobody");

    let before =
        emissions.emit_async(AddressesUpserted { contact_emails: vec!["a@example.org".into()] }).await.unwrap();
    let late = emissions.subscribe::<AddressesUpserted>();
    let after = emissions.emit_async(AddressesUpserted { contact_emails: vec!["a@example.org".into()] }).await.unwrap();
    let who = |gate: &Gate<_>| gate.report().iter().map(|participant| participant.id.to_string()).collect::<Vec<_>>();
    assert_eq!(who(&before), who(&after), "the same participants, with a subscription or without");
    drop(late);
}
