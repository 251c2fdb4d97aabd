//! The log of imports a user sees in the settings: one line per event.

use emissions::Uuid;
use sqlx::SqlitePool;

use super::account::UserId;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS import_history (
        event_id TEXT PRIMARY KEY,
        user_id  INTEGER NOT NULL,
        contacts INTEGER NOT NULL
    ) STRICT";

/// The table of imports.
#[derive(Clone, Debug)]
pub(crate) struct ImportHistory {
    pool: SqlitePool,
}

impl ImportHistory {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Writes a line, once per event.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn record(&self, event_id: Uuid, user: UserId, contacts: usize) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO import_history (event_id, user_id, contacts) VALUES (?, ?, ?)
             ON CONFLICT (event_id) DO NOTHING",
        )
        .bind(event_id.to_string())
        .bind(user.number())
        .bind(i64::try_from(contacts).unwrap_or(i64::MAX))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How many lines an account has.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn count(&self, user: UserId) -> Result<u64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM import_history WHERE user_id = ?")
            .bind(user.number())
            .fetch_one(&self.pool)
            .await
    }

    /// Removes an account's lines.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn forget(&self, user: UserId) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM import_history WHERE user_id = ?").bind(user.number()).execute(&self.pool).await?;
        Ok(())
    }
}
