//! An address book is imported twice while the job queue behind the search is out of reach: once the way most
//! services do it, once through a gate. Every claim it prints was checked; `--help` lists the options.
//!
//! Read `refresh.rs` first: the two ways side by side. Then `events.rs`, `integration.rs` and `story.rs`.

pub(crate) mod account;
mod arguments;
mod contacts;
mod database;
mod events;
mod generate;
mod google_csv;
mod history;
mod integration;
mod outage;
mod progress;
pub(crate) mod queue;
mod refresh;
mod search;
mod story;
mod timeline;
mod worker;

use std::{error::Error, path::Path, process::ExitCode, sync::Arc};

use arguments::{Arguments, Request, Source};
use database::Database;
use google_csv::Export;
use outage::CuttableQueue;
use queue::{JobQueue, redis::RedisQueue, sqlite::SqliteQueue};
use timeline::{Timeline, with_sources};

/// Something broke, or a claim didn't hold.
const FAILED: u8 = 1;
/// The arguments or a file can't be used.
const UNUSABLE: u8 = 2;

/// The address book that ships with the example.
const SHIPPED: &[u8] = include_bytes!("contacts.csv");

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Request::parse(std::env::args_os().skip(1)) {
        Ok(Request::Help) => {
            print!("{}", arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Request::Run(arguments)) => arguments,
        Err(errors) => {
            for error in errors {
                eprintln!("error: {error}");
            }
            eprintln!("`--help` lists the options");
            return ExitCode::from(UNUSABLE);
        }
    };
    let timeline = Timeline::to_stdout();
    let set = match Set::build(arguments).await {
        Ok(set) => set,
        Err(error) => {
            eprintln!("error: {}", with_sources(&*error));
            return ExitCode::from(UNUSABLE);
        }
    };
    match set.play(timeline).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => {
            eprintln!("error: {}", with_sources(&*error));
            ExitCode::from(FAILED)
        }
    }
}

/// Everything the story needs, opened and read.
struct Set {
    export: Export,
    source: String,
    database: Database,
    queue: Arc<CuttableQueue>,
    arguments: Arguments,
}

impl Set {
    /// # Errors
    /// If a file or an address the user gave can't be used.
    async fn build(arguments: Arguments) -> Result<Self, Box<dyn Error>> {
        let (export, source) = read(&arguments.source)?;
        let database = match &arguments.database {
            Some(path) => Database::open(path).await.map_err(|error| about(path, &error))?,
            None => Database::temporary().await?,
        };
        let queue: Arc<dyn JobQueue> = match &arguments.queue {
            Some(address) => Arc::new(RedisQueue::new(address)?),
            None => Arc::new(SqliteQueue::new(database.pool.clone())),
        };
        Ok(Self { export, source, database, queue: Arc::new(CuttableQueue::new(queue)), arguments })
    }

    /// Tells the story; `true` if every claim held.
    async fn play(self, mut timeline: Timeline) -> Result<bool, Box<dyn Error>> {
        let Self { export, source, database, queue, arguments } = self;
        timeline.text(&format!("Contacts: {source}"))?;
        timeline.text(&format!("Queue:    {}", queue.name()))?;
        match &arguments.database {
            Some(path) => timeline.text(&format!("Database: {}", path.display()))?,
            None => timeline.text("Database: a temporary SQLite file")?,
        }
        let holds = story::tell(timeline, export, &database, queue, arguments.outage).await;
        // The connections are closed before a temporary file is removed.
        database.pool.close().await;
        holds
    }
}

/// The export, and what to call it.
fn read(source: &Source) -> Result<(Export, String), Box<dyn Error>> {
    let (export, name) = match source {
        Source::Shipped => (google_csv::read_export(SHIPPED)?, "the export that ships with the example".to_owned()),
        Source::Generated(count) => {
            (google_csv::read_export(&generate::generate(*count)?)?, "a generated export".to_owned())
        }
        Source::File(path) => {
            let bytes = std::fs::read(path).map_err(|error| about(path, &error))?;
            let export = google_csv::read_export(&bytes).map_err(|error| about(path, &error))?;
            (export, path.display().to_string())
        }
    };
    if export.contacts.is_empty() {
        let mut lines = vec![format!("{name}: no contact with an e-mail address in it")];
        lines.extend(export.malformed.iter().map(|row| format!("  skipped {row}")));
        return Err(lines.join("\n").into());
    }
    Ok((export, name))
}

fn about(path: &Path, error: &dyn Error) -> String {
    format!("{}: {}", path.display(), with_sources(error))
}
