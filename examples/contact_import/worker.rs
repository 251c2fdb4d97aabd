//! Takes jobs off the queue and fills the search index.

use std::sync::Arc;

use super::{
    progress::Progress,
    queue::{JobQueue, QueueError},
    search::{IndexError, SearchIndex},
};

/// What a round of work came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WorkedOff {
    pub(crate) jobs: u64,
    pub(crate) people: u64,
}

/// Why the worker stopped early. The job it held is handed out again once its lease has run out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Works until the queue is empty.
///
/// A job counts as done only after the index has taken it: a worker that dies in between leaves it to the
/// next one, which may then do it a second time. Indexing twice changes nothing.
///
/// # Errors
/// With the first failure of the queue or of the index.
pub(crate) async fn work_off(queue: &Arc<dyn JobQueue>, index: &SearchIndex) -> Result<WorkedOff, WorkerError> {
    let waiting = usize::try_from(queue.waiting().await?).unwrap_or(usize::MAX);
    let mut progress = Progress::new("indexing people", waiting);
    let mut done = WorkedOff::default();
    while let Some(claimed) = queue.claim().await? {
        done.people += index.index(claimed.job.user_id, &claimed.job.emails).await?;
        queue.complete(claimed).await?;
        done.jobs += 1;
        progress.advance(1);
    }
    Ok(done)
}
