//! The account's link to its address book, with the stamp that says "searchable".

use emissions::Gate;
use sqlx::SqlitePool;

use super::{account::UserId, events::ContactsBulkUpserted};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS integrations (
        user_id            INTEGER PRIMARY KEY,
        provider           TEXT NOT NULL,
        contacts_synced_at TEXT,
        synced_by_event    TEXT
    ) STRICT";

/// The table of integrations.
#[derive(Clone, Debug)]
pub(crate) struct Integrations {
    pool: SqlitePool,
}

impl Integrations {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Links an account anew: without a stamp, whatever was there.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn connect(&self, user: UserId) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT OR REPLACE INTO integrations (user_id, provider) VALUES (?, 'google')")
            .bind(user.number())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// When the contacts became searchable, RFC 3339 in UTC; `None` if they haven't.
    ///
    /// # Errors
    /// If the database refuses or the account isn't linked.
    pub(crate) async fn contacts_synced_at(&self, user: UserId) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT contacts_synced_at FROM integrations WHERE user_id = ?")
            .bind(user.number())
            .fetch_one(&self.pool)
            .await
    }

    /// Stamps an account whose event every listener took.
    ///
    /// The gate is the proof: only `emit_async` makes one, only after every listener has succeeded, and it is
    /// spent here. A caller that has none can't write this call.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn mark_synced(&self, user: UserId, gate: Gate<ContactsBulkUpserted>) -> Result<(), sqlx::Error> {
        self.stamp(user, Some(gate.event_id().to_string())).await
    }

    /// Stamps an account because the caller says so. This is what act one does, and what it comes to.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn mark_synced_on_trust(&self, user: UserId) -> Result<(), sqlx::Error> {
        self.stamp(user, None).await
    }

    async fn stamp(&self, user: UserId, event_id: Option<String>) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE integrations
             SET contacts_synced_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), synced_by_event = ?
             WHERE user_id = ?",
        )
        .bind(event_id)
        .bind(user.number())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
