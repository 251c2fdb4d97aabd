//! The event of the import, and everybody who listens to it.

use emissions::{Envelope, event, on_event};

use super::{
    account::UserId,
    history::ImportHistory,
    queue::{IndexJob, JobQueue, QueueError},
};

/// How many people one job indexes.
pub(crate) const PEOPLE_PER_JOB: usize = 100;

/// The address book of one account was written in bulk.
#[event(name = "contact.bulk_upserted", version = 1, bulk = contact_emails, on_empty = "open")]
pub(crate) struct ContactsBulkUpserted {
    /// Account that owns the address book.
    #[field(key)]
    pub(crate) user_id: UserId,
    /// Lower-cased addresses that now exist.
    #[field(sensitive)]
    pub(crate) contact_emails: Vec<String>,
}

/// Puts one indexing job per hundred contacts on the queue.
///
/// Safe to repeat: the queue knows a job that is waiting already.
#[on_event]
pub(crate) async fn enqueue_index_jobs(event: &ContactsBulkUpserted, queue: &dyn JobQueue) -> Result<(), QueueError> {
    for emails in event.contact_emails.chunks(PEOPLE_PER_JOB) {
        queue.add(&IndexJob { user_id: event.user_id, emails: emails.to_vec() }).await?;
    }
    Ok(())
}

/// Writes the import into the log that the user sees.
#[on_event]
pub(crate) async fn record_import(
    envelope: &Envelope<ContactsBulkUpserted>,
    history: &ImportHistory,
) -> Result<(), sqlx::Error> {
    let event = &envelope.payload;
    history.record(envelope.event_id, event.user_id, event.contact_emails.len()).await
}

#[cfg(test)]
mod tests {
    use super::{
        super::{database::Database, queue::sqlite::SqliteQueue},
        *,
    };

    /// A listener is a plain function: no bus is needed to test one.
    #[tokio::test]
    async fn one_job_per_hundred_contacts_however_often_it_runs() {
        let database = Database::temporary().await.expect("created");
        let queue = SqliteQueue::new(database.pool.clone());
        for (contacts, jobs) in [(0, 0), (1, 1), (100, 1), (101, 2), (1_000, 10)] {
            let contact_emails = (0..contacts).map(|n| format!("{n}@x.test")).collect();
            let event = ContactsBulkUpserted { user_id: UserId::new(1), contact_emails };
            for _ in 0..2 {
                enqueue_index_jobs(&event, &queue).await.expect("the queue takes them");
                assert_eq!(queue.waiting().await.expect("answered"), jobs, "{contacts} contacts");
            }
            queue.clear().await.expect("cleared");
        }
    }
}
