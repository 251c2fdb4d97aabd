//! The job queue, as the rest of the example sees it.

use std::{error::Error, time::Duration};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::account::UserId;

pub(crate) mod redis;
pub(crate) mod sqlite;

/// "Index these people": one job of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IndexJob {
    pub(crate) user_id: UserId,
    pub(crate) emails: Vec<String>,
}

/// Whether a job was put on the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    /// The same job was waiting already.
    Known,
}

/// A job handed to a worker.
#[derive(Debug)]
pub(crate) struct ClaimedJob {
    pub(crate) job: IndexJob,
    /// The queue's own name for this job.
    receipt: String,
    /// The job as the queue keeps it.
    payload: String,
}

/// What a call to the queue comes to.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, QueueError>>;

/// An at-least-once job queue.
///
/// * **Idempotent:** a job equal to one that is still waiting or claimed isn't added again. Once completed it
///   may be added again.
/// * **Leased:** a claimed job that isn't completed within [`LEASE`] is handed out again.
/// * **Ordered** by nothing a caller may rely on.
pub(crate) trait JobQueue: Send + Sync {
    /// What it is, for people.
    fn name(&self) -> String;

    /// Succeeds if the queue can be reached.
    fn ping(&self) -> Answer<'_, ()>;

    fn add<'a>(&'a self, job: &'a IndexJob) -> Answer<'a, Added>;

    /// The next job, `None` if nothing waits.
    fn claim(&self) -> Answer<'_, Option<ClaimedJob>>;

    /// Takes a job off the queue for good.
    fn complete(&self, job: ClaimedJob) -> Answer<'_, ()>;

    /// How many jobs are on the queue, claimed ones included.
    fn waiting(&self) -> Answer<'_, u64>;

    /// Removes everything.
    fn clear(&self) -> Answer<'_, ()>;
}

/// How long a worker may take over one job.
pub(crate) const LEASE: Duration = Duration::from_mins(1);

/// Why the queue didn't do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueueError {
    #[error("the job queue is out of reach")]
    OutOfReach(#[source] Box<dyn Error + Send + Sync>),
    #[error("the job queue refused")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    #[error("a job can't be written or read as JSON")]
    Job(#[from] serde_json::Error),
}

impl ClaimedJob {
    fn new(receipt: String, payload: String) -> Result<Self, QueueError> {
        Ok(Self { job: serde_json::from_str(&payload)?, receipt, payload })
    }
}

#[cfg(test)]
pub(crate) mod contract {
    //! What every queue has to do; each implementation's tests call it.

    use super::*;

    fn job(user: u32, first: u32) -> IndexJob {
        IndexJob { user_id: UserId::new(user), emails: vec![format!("{first}@x.test"), "o'hara\"@x.test".into()] }
    }

    pub(crate) async fn holds(queue: &dyn JobQueue) -> Result<(), QueueError> {
        queue.clear().await?;
        queue.ping().await?;
        assert_eq!(queue.waiting().await?, 0);
        assert!(queue.claim().await?.is_none(), "an empty queue hands out nothing");

        // The same job is known while it waits, and while a worker has it.
        for (user, first, expected) in
            [(1, 1, Added::New), (1, 1, Added::Known), (2, 1, Added::New), (1, 2, Added::New)]
        {
            assert_eq!(queue.add(&job(user, first)).await?, expected, "account {user}, job {first}");
        }
        assert_eq!(queue.waiting().await?, 3);
        let mut claimed = Vec::new();
        while let Some(job) = queue.claim().await? {
            claimed.push(job);
        }
        let mut jobs: Vec<IndexJob> = claimed.iter().map(|claimed| claimed.job.clone()).collect();
        jobs.sort_by_key(|job| (job.user_id.number(), job.emails.clone()));
        assert_eq!(jobs, [job(1, 1), job(1, 2), job(2, 1)], "each job is handed to one worker, as it was added");
        assert_eq!(queue.add(&job(1, 1)).await?, Added::Known);
        assert_eq!(queue.waiting().await?, 3, "a claimed job is still on the queue");

        // Done is done; a later import may ask for the same again.
        for job in claimed {
            queue.complete(job).await?;
        }
        assert_eq!(queue.waiting().await?, 0);
        assert_eq!(queue.add(&job(1, 1)).await?, Added::New);
        queue.clear().await?;
        assert_eq!(queue.waiting().await?, 0);
        assert_eq!(queue.add(&job(1, 1)).await?, Added::New, "a cleared queue knows nothing");
        queue.clear().await
    }
}
