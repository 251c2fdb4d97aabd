//! The address books: who is in them.

use sqlx::{QueryBuilder, SqlitePool};

use super::{account::UserId, google_csv::Contact, progress::Progress};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS contacts (
        id           INTEGER PRIMARY KEY,
        user_id      INTEGER NOT NULL,
        email        TEXT NOT NULL,
        name         TEXT NOT NULL,
        organization TEXT NOT NULL,
        phone        TEXT NOT NULL,
        UNIQUE (user_id, email)
    ) STRICT";

/// Rows of one `INSERT`: 500 rows of 5 values stay far below the 32,766 parameters allowed.
const ROWS_PER_STATEMENT: usize = 500;

/// The table of contacts.
#[derive(Clone, Debug)]
pub(crate) struct Contacts {
    pool: SqlitePool,
}

impl Contacts {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Writes all contacts or none. A known address is updated, so that a repeat changes nothing.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn bulk_upsert(&self, user: UserId, contacts: &[Contact]) -> Result<(), sqlx::Error> {
        let mut progress = Progress::new("storing contacts", contacts.len());
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for rows in contacts.chunks(ROWS_PER_STATEMENT) {
            let mut insert = QueryBuilder::new("INSERT INTO contacts (user_id, email, name, organization, phone) ");
            insert.push_values(rows, |mut row, contact| {
                row.push_bind(user.number())
                    .push_bind(&contact.email)
                    .push_bind(&contact.name)
                    .push_bind(&contact.organization)
                    .push_bind(&contact.phone);
            });
            insert.push(
                " ON CONFLICT (user_id, email) DO UPDATE SET
                    name = excluded.name, organization = excluded.organization, phone = excluded.phone",
            );
            insert.build().execute(&mut *transaction).await?;
            progress.advance(rows.len());
        }
        transaction.commit().await
    }

    /// How many contacts an account has.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn count(&self, user: UserId) -> Result<u64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM contacts WHERE user_id = ?")
            .bind(user.number())
            .fetch_one(&self.pool)
            .await
    }

    /// How many rows repeat the address of another row.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn duplicates(&self, user: UserId) -> Result<u64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) - count(DISTINCT email) FROM contacts WHERE user_id = ?")
            .bind(user.number())
            .fetch_one(&self.pool)
            .await
    }

    /// Removes an account's contacts.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn forget(&self, user: UserId) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM contacts WHERE user_id = ?").bind(user.number()).execute(&self.pool).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::database::Database, *};

    fn person(email: &str, name: &str) -> Contact {
        Contact { email: email.into(), name: name.into(), organization: String::new(), phone: String::new() }
    }

    #[tokio::test]
    async fn a_repeat_updates_and_adds_nothing() {
        let database = Database::temporary().await.expect("created");
        let contacts = Contacts::new(database.pool.clone());
        let (ada, bea) = (UserId::new(1), UserId::new(2));
        let many: Vec<Contact> = (0..1_201).map(|n| person(&format!("{n}@x.test"), "old")).collect();
        for _ in 0..2 {
            contacts.bulk_upsert(ada, &many).await.expect("written");
        }
        contacts.bulk_upsert(bea, &many[..1]).await.expect("written");
        contacts.bulk_upsert(ada, &[person("7@x.test", "new")]).await.expect("written");

        assert_eq!(contacts.count(ada).await.expect("counted"), 1_201);
        assert_eq!(contacts.count(bea).await.expect("counted"), 1);
        assert_eq!(contacts.duplicates(ada).await.expect("counted"), 0);
        let renamed: Vec<i64> = sqlx::query_scalar("SELECT user_id FROM contacts WHERE name = 'new'")
            .fetch_all(&database.pool)
            .await
            .expect("read");
        assert_eq!(renamed, [1]);

        contacts.forget(ada).await.expect("removed");
        assert_eq!(contacts.count(ada).await.expect("counted"), 0);
        assert_eq!(contacts.count(bea).await.expect("counted"), 1);
    }
}
