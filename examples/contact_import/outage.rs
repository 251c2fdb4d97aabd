//! Takes the job queue out of reach, on demand.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::queue::{Added, Answer, ClaimedJob, IndexJob, JobQueue, QueueError};

/// How long somebody may take to stop or to start a server.
const PATIENCE: Duration = Duration::from_mins(5);
const BETWEEN_PINGS: Duration = Duration::from_millis(200);

/// Nobody stopped, or started, the server.
#[derive(Debug, thiserror::Error)]
#[error("gave up waiting for the queue after {PATIENCE:?}")]
pub(crate) struct TookTooLong;

/// The line isn't cut.
const UNBROKEN: usize = usize::MAX;

/// A queue behind a line that can be cut.
pub(crate) struct CuttableQueue {
    queue: Arc<dyn JobQueue>,
    /// How many more jobs get through before the line is dead.
    jobs_left: AtomicUsize,
}

impl CuttableQueue {
    pub(crate) fn new(queue: Arc<dyn JobQueue>) -> Self {
        Self { queue, jobs_left: AtomicUsize::new(UNBROKEN) }
    }

    /// Lets so many more jobs through, then refuses every call as a stopped server would.
    pub(crate) fn cut_after(&self, jobs: usize) {
        self.jobs_left.store(jobs, Ordering::SeqCst);
    }

    /// Lets everything through again.
    pub(crate) fn mend(&self) {
        self.jobs_left.store(UNBROKEN, Ordering::SeqCst);
    }

    /// Waits until the queue can't be reached, and tells why.
    ///
    /// # Errors
    /// If that takes longer than [`PATIENCE`].
    pub(crate) async fn until_gone(&self) -> Result<QueueError, TookTooLong> {
        self.poll(async || self.ping().await.err()).await
    }

    /// Waits until the queue can be reached.
    ///
    /// # Errors
    /// If that takes longer than [`PATIENCE`].
    pub(crate) async fn until_back(&self) -> Result<(), TookTooLong> {
        self.poll(async || self.ping().await.ok()).await
    }

    /// Asks again and again: there is nothing a stopped server could send.
    async fn poll<T>(&self, answer: impl AsyncFn() -> Option<T>) -> Result<T, TookTooLong> {
        let ask = async {
            loop {
                if let Some(answer) = answer().await {
                    return answer;
                }
                tokio::time::sleep(BETWEEN_PINGS).await;
            }
        };
        tokio::time::timeout(PATIENCE, ask).await.map_err(|_| TookTooLong)
    }

    fn refuse_if_dead(&self) -> Result<(), QueueError> {
        if self.jobs_left.load(Ordering::SeqCst) == 0 { Err(refused()) } else { Ok(()) }
    }

    fn let_one_job_through(&self) -> Result<(), QueueError> {
        let one_less = |left| if left == UNBROKEN { Some(UNBROKEN) } else { usize::checked_sub(left, 1) };
        let before = self.jobs_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
        before.map(|_| ()).map_err(|_| refused())
    }
}

fn refused() -> QueueError {
    QueueError::OutOfReach(io::Error::from(io::ErrorKind::ConnectionRefused).into())
}

impl JobQueue for CuttableQueue {
    fn name(&self) -> String {
        self.queue.name()
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(async {
            self.refuse_if_dead()?;
            self.queue.ping().await
        })
    }

    fn add<'a>(&'a self, job: &'a IndexJob) -> Answer<'a, Added> {
        Box::pin(async {
            self.let_one_job_through()?;
            self.queue.add(job).await
        })
    }

    fn claim(&self) -> Answer<'_, Option<ClaimedJob>> {
        Box::pin(async {
            self.refuse_if_dead()?;
            self.queue.claim().await
        })
    }

    fn complete(&self, job: ClaimedJob) -> Answer<'_, ()> {
        Box::pin(async {
            self.refuse_if_dead()?;
            self.queue.complete(job).await
        })
    }

    fn waiting(&self) -> Answer<'_, u64> {
        Box::pin(async {
            self.refuse_if_dead()?;
            self.queue.waiting().await
        })
    }

    fn clear(&self) -> Answer<'_, ()> {
        Box::pin(async {
            self.refuse_if_dead()?;
            self.queue.clear().await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            account::UserId,
            database::Database,
            queue::{contract, sqlite::SqliteQueue},
            timeline::with_sources,
        },
        *,
    };

    #[tokio::test]
    async fn cut_mended_and_a_queue_all_the_while() {
        let database = Database::temporary().await.expect("created");
        let queue = CuttableQueue::new(Arc::new(SqliteQueue::new(database.pool.clone())));
        contract::holds(&queue).await.expect("an unbroken line");

        queue.cut_after(2);
        for number in 0..4 {
            let job = IndexJob { user_id: UserId::new(number), emails: Vec::new() };
            assert_eq!(queue.add(&job).await.is_ok(), number < 2, "job {number}");
        }
        let refusal = queue.ping().await.expect_err("the line is dead");
        assert_eq!(with_sources(&refusal), "the job queue is out of reach: connection refused");
        assert!(queue.claim().await.is_err() && queue.waiting().await.is_err() && queue.clear().await.is_err());

        queue.mend();
        assert_eq!(queue.waiting().await.expect("mended"), 2);
        contract::holds(&queue).await.expect("an unbroken line");
    }
}
