//! The queue as a table of the database: nothing to install.

use sqlx::SqlitePool;

use super::{Added, Answer, ClaimedJob, IndexJob, JobQueue, LEASE, QueueError};

/// The job is its own identity. `leased_until` is in seconds since 1970.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS index_jobs (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        job          TEXT NOT NULL UNIQUE,
        leased_until INTEGER NOT NULL DEFAULT 0
    ) STRICT";

/// A table of jobs.
#[derive(Clone, Debug)]
pub(crate) struct SqliteQueue {
    pool: SqlitePool,
}

impl SqliteQueue {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }
}

impl JobQueue for SqliteQueue {
    fn name(&self) -> String {
        "a table of the database".to_owned()
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(async {
            sqlx::query("SELECT 1 FROM index_jobs LIMIT 1").execute(&self.pool).await?;
            Ok(())
        })
    }

    fn add<'a>(&'a self, job: &'a IndexJob) -> Answer<'a, Added> {
        Box::pin(async move {
            let added = sqlx::query("INSERT INTO index_jobs (job) VALUES (?) ON CONFLICT (job) DO NOTHING")
                .bind(serde_json::to_string(job)?)
                .execute(&self.pool)
                .await?;
            Ok(if added.rows_affected() == 1 { Added::New } else { Added::Known })
        })
    }

    fn claim(&self) -> Answer<'_, Option<ClaimedJob>> {
        Box::pin(async {
            let lease = i64::try_from(LEASE.as_secs()).unwrap_or(i64::MAX);
            let claimed: Option<(i64, String)> = sqlx::query_as(
                "UPDATE index_jobs SET leased_until = unixepoch() + ?
                 WHERE id = (SELECT id FROM index_jobs WHERE leased_until <= unixepoch() ORDER BY id LIMIT 1)
                 RETURNING id, job",
            )
            .bind(lease)
            .fetch_optional(&self.pool)
            .await?;
            claimed.map(|(id, job)| ClaimedJob::new(id.to_string(), job)).transpose()
        })
    }

    fn complete(&self, job: ClaimedJob) -> Answer<'_, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM index_jobs WHERE id = CAST(? AS INTEGER)")
                .bind(job.receipt)
                .execute(&self.pool)
                .await?;
            Ok(())
        })
    }

    fn waiting(&self) -> Answer<'_, u64> {
        Box::pin(async { Ok(sqlx::query_scalar("SELECT count(*) FROM index_jobs").fetch_one(&self.pool).await?) })
    }

    fn clear(&self) -> Answer<'_, ()> {
        Box::pin(async {
            sqlx::query("DELETE FROM index_jobs").execute(&self.pool).await?;
            Ok(())
        })
    }
}

impl From<sqlx::Error> for QueueError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::OutOfReach(error.into()),
            error => Self::Refused(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{super::database::Database, contract},
        *,
    };

    #[tokio::test]
    async fn keeps_the_contract() {
        let database = Database::temporary().await.expect("created");
        contract::holds(&SqliteQueue::new(database.pool.clone())).await.expect("the queue answers");
    }

    #[tokio::test]
    async fn a_job_whose_lease_ran_out_is_handed_out_again() {
        let database = Database::temporary().await.expect("created");
        let queue = SqliteQueue::new(database.pool.clone());
        let job = IndexJob { user_id: super::super::UserId::new(1), emails: vec!["a@x.test".into()] };
        queue.add(&job).await.expect("added");
        let first = queue.claim().await.expect("answered").expect("a job");
        assert!(queue.claim().await.expect("answered").is_none());
        sqlx::query("UPDATE index_jobs SET leased_until = unixepoch() - 1")
            .execute(&database.pool)
            .await
            .expect("time passes");
        let second = queue.claim().await.expect("answered").expect("the same job");
        assert_eq!((first.job, first.receipt), (second.job, second.receipt));
    }
}
