//! The `SQLite` file that everything of the example lives in.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{contacts, history, integration, queue, search};

/// Marks the file as ours (`PRAGMA application_id`).
const APPLICATION_ID: i32 = 0x456D_4349;

/// An open database; a temporary one is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) pool: SqlitePool,
    // Dropped after the pool, so that no connection writes the file anew.
    #[cfg_attr(not(test), expect(dead_code, reason = "what counts is its drop"))]
    temporary: Option<TemporaryFile>,
}

/// Why a file can't serve as the database.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    #[error("the file belongs to another program; name a new one")]
    Foreign,
    #[error("the database can't be opened")]
    Sqlite(#[from] sqlx::Error),
}

impl Database {
    /// Opens the file, creating it and its tables if need be.
    ///
    /// # Errors
    /// If it can't be opened, or holds the tables of another program: those are left alone.
    pub(crate) async fn open(path: &Path) -> Result<Self, DatabaseError> {
        Self::open_file(path, None).await
    }

    /// Opens a new file in the directory for temporary files.
    ///
    /// # Errors
    /// If it can't be created.
    pub(crate) async fn temporary() -> Result<Self, DatabaseError> {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let name = format!("contact_import-{}-{}.db", std::process::id(), since_epoch.as_nanos());
        let file = TemporaryFile(std::env::temp_dir().join(name));
        Self::open_file(&file.0.clone(), Some(file)).await
    }

    async fn open_file(path: &Path, temporary: Option<TemporaryFile>) -> Result<Self, DatabaseError> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        refuse_foreign(&options).await?;
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql("PRAGMA application_id = 0x456D4349").execute(&mut *transaction).await?;
        for schema in [contacts::SCHEMA, integration::SCHEMA, history::SCHEMA, queue::sqlite::SCHEMA, search::SCHEMA] {
            sqlx::raw_sql(schema).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(Self { pool, temporary })
    }
}

/// A run starts by forgetting what an earlier one left: that must never be somebody else's tables.
async fn refuse_foreign(options: &SqliteConnectOptions) -> Result<(), DatabaseError> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let application_id: i32 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&pool).await?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&pool).await?;
    pool.close().await;
    if tables > 0 && application_id != APPLICATION_ID { Err(DatabaseError::Foreign) } else { Ok(()) }
}

#[derive(Debug)]
struct TemporaryFile(PathBuf);

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            // What can't be removed is left to whoever tidies the temporary directory.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_temporary_database_leaves_nothing_behind() {
        let database = Database::temporary().await.expect("the temporary directory is writable");
        let path = database.temporary.as_ref().expect("a temporary file").0.clone();
        assert!(path.exists());
        database.pool.close().await;
        drop(database);
        for suffix in ["", "-wal", "-shm"] {
            let mut file = path.clone().into_os_string();
            file.push(suffix);
            assert!(!Path::new(&file).exists(), "{}", file.display());
        }
    }

    #[tokio::test]
    async fn a_database_of_another_program_is_left_alone() {
        let file = TemporaryFile(std::env::temp_dir().join(format!("foreign-{}.db", std::process::id())));
        let options = SqliteConnectOptions::new().filename(&file.0).create_if_missing(true);
        let pool = SqlitePoolOptions::new().connect_with(options).await.expect("created");
        sqlx::raw_sql("CREATE TABLE contacts (number INTEGER)").execute(&pool).await.expect("a foreign table");
        pool.close().await;
        assert!(matches!(Database::open(&file.0).await, Err(DatabaseError::Foreign)));
    }

    #[tokio::test]
    async fn its_own_database_opens_again() {
        let file = TemporaryFile(std::env::temp_dir().join(format!("again-{}.db", std::process::id())));
        for _ in 0..2 {
            let database = Database::open(&file.0).await.expect("opened");
            database.pool.close().await;
        }
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_an_error() {
        let file = TemporaryFile(std::env::temp_dir().join(format!("no-database-{}.db", std::process::id())));
        std::fs::write(&file.0, "First Name,Last Name\n".repeat(100)).expect("written");
        assert!(matches!(Database::open(&file.0).await, Err(DatabaseError::Sqlite(_))));
    }
}
