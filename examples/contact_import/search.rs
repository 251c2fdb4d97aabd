//! The full-text index (FTS5) that people are searched in.

use sqlx::SqlitePool;

use super::account::UserId;

/// The row number is that of the contact, so a contact can't be indexed twice.
pub(crate) const SCHEMA: &str = "
    CREATE VIRTUAL TABLE IF NOT EXISTS people USING fts5 (
        name, email, organization, user_id UNINDEXED,
        tokenize = 'unicode61 remove_diacritics 2'
    )";

/// One person found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// The index.
#[derive(Clone, Debug)]
pub(crate) struct SearchIndex {
    pool: SqlitePool,
}

impl SearchIndex {
    pub(crate) fn new(pool: SqlitePool) -> Self {
        Self { pool }
    }

    /// Indexes the contacts with these addresses as they are now, and tells how many there were.
    /// Repeating it changes nothing.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn index(&self, user: UserId, emails: &[String]) -> Result<u64, IndexError> {
        let written = sqlx::query(
            "INSERT OR REPLACE INTO people (rowid, name, email, organization, user_id)
             SELECT id, name, email, organization, user_id FROM contacts
             WHERE user_id = ? AND email IN (SELECT value FROM json_each(?))",
        )
        .bind(user.number())
        .bind(serde_json::to_string(emails)?)
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected())
    }

    /// People in whose name, address or organization every word of `words` occurs.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn search(&self, user: UserId, words: &str) -> Result<Vec<Hit>, sqlx::Error> {
        let found: Vec<(String, String)> =
            sqlx::query_as("SELECT name, email FROM people WHERE people MATCH ? AND user_id = ? ORDER BY rank, rowid")
                .bind(quoted(words))
                .bind(user.number())
                .fetch_all(&self.pool)
                .await?;
        Ok(found.into_iter().map(|(name, email)| Hit { name, email }).collect())
    }

    /// How many people of an account are indexed.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn count(&self, user: UserId) -> Result<u64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM people WHERE user_id = ?")
            .bind(user.number())
            .fetch_one(&self.pool)
            .await
    }

    /// How many entries repeat the address of another entry.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn duplicates(&self, user: UserId) -> Result<u64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) - count(DISTINCT email) FROM people WHERE user_id = ?")
            .bind(user.number())
            .fetch_one(&self.pool)
            .await
    }

    /// Removes an account's people.
    ///
    /// # Errors
    /// If the database refuses.
    pub(crate) async fn forget(&self, user: UserId) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM people WHERE user_id = ?").bind(user.number()).execute(&self.pool).await?;
        Ok(())
    }
}

/// Why people couldn't be indexed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error("the search index refused")]
    Database(#[from] sqlx::Error),
    #[error("the addresses can't be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Each word as a quoted phrase, so that nothing a person is called is taken for a search operator.
fn quoted(words: &str) -> String {
    let phrases: Vec<String> = words
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    if phrases.is_empty() { "\"\"".to_owned() } else { phrases.join(" AND ") }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{contacts::Contacts, database::Database, google_csv::Contact},
        *,
    };

    const ADA: UserId = UserId::new(1);
    const BEA: UserId = UserId::new(2);

    async fn filled() -> (Database, SearchIndex) {
        let database = Database::temporary().await.expect("created");
        let contacts = Contacts::new(database.pool.clone());
        let people = [
            ("björn.o'hara@harbour.example", "Björn O'Hara", "The \"Harbour\" Press"),
            ("noor@x.test", "Noor NEAR Zhou", ""),
        ]
        .map(|(email, name, organization)| Contact {
            email: email.into(),
            name: name.into(),
            organization: organization.into(),
            phone: String::new(),
        });
        for user in [ADA, BEA] {
            contacts.bulk_upsert(user, &people).await.expect("written");
        }
        let index = SearchIndex::new(database.pool.clone());
        (database, index)
    }

    async fn names(index: &SearchIndex, words: &str) -> Vec<String> {
        index.search(ADA, words).await.expect("a query").into_iter().map(|hit| hit.name).collect()
    }

    #[tokio::test]
    async fn finds_people_however_they_are_written() {
        let (_database, index) = filled().await;
        let emails = ["björn.o'hara@harbour.example".to_owned(), "noor@x.test".to_owned()];
        assert_eq!(index.index(ADA, &emails).await.expect("indexed"), 2);
        for words in ["Björn O'Hara", "bjorn o'hara", "HARBOUR press", "björn.o'hara@harbour.example", "\"Harbour\""]
        {
            assert_eq!(names(&index, words).await, ["Björn O'Hara"], "{words}");
        }
        assert_eq!(names(&index, "Noor NEAR Zhou").await, ["Noor NEAR Zhou"]);
        for words in ["Björn Zhou", "", "\"", "*", "- ! ()"] {
            assert_eq!(names(&index, words).await, [""; 0], "{words}");
        }
    }

    #[tokio::test]
    async fn a_repeat_adds_nothing_and_accounts_are_apart() {
        let (_database, index) = filled().await;
        let emails = ["noor@x.test".to_owned(), "unknown@x.test".to_owned()];
        for _ in 0..3 {
            assert_eq!(index.index(ADA, &emails).await.expect("indexed"), 1);
        }
        assert_eq!(index.count(ADA).await.expect("counted"), 1);
        assert_eq!(index.duplicates(ADA).await.expect("counted"), 0);
        assert_eq!(index.count(BEA).await.expect("counted"), 0);
        assert_eq!(index.search(BEA, "Noor").await.expect("a query"), []);
        index.forget(ADA).await.expect("removed");
        assert_eq!(names(&index, "Noor").await, [""; 0]);
    }
}
