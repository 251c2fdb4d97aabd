//! What the command line may say.

use std::{ffi::OsString, path::PathBuf};

/// Most contacts `--contacts` generates.
pub(crate) const MOST_CONTACTS: usize = 100_000;

pub(crate) const HELP: &str = "\
Imports an address book twice while its job queue is out of reach: once as most
services do it, once through a gate.

Usage: cargo run --example contact_import [-- OPTIONS]

Options:
  --input FILE        a Google Contacts CSV export of your own
  --contacts N        generate N contacts, 1 to 100000 (default: 1000 shipped)
  --database FILE     keep the SQLite database (default: a temporary file)
  --queue redis://…   keep jobs in Redis Streams (default: a table in SQLite)
  --outage injected   the queue is made to refuse connections (default)
  --outage real       you are asked to stop the queue and to start it again;
                      needs --queue
  -h, --help          this text

A queue that is out of reach when the story begins is a real outage anyway.

Exit code: 0 if every claim printed held; 1 if one didn't or something broke;
2 if the arguments or a file can't be used.
";

/// The command line, understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Help,
    Run(Arguments),
}

/// How to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) source: Source,
    pub(crate) database: Option<PathBuf>,
    /// Address of a Redis server; `None` keeps the jobs in the database.
    pub(crate) queue: Option<String>,
    pub(crate) outage: OutageKind,
}

/// Where the contacts come from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    #[default]
    Shipped,
    Generated(usize),
    File(PathBuf),
}

/// Who takes the queue away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OutageKind {
    #[default]
    Injected,
    Real,
}

/// Why the command line can't be followed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error("unknown argument `{0}`")]
    Unknown(String),
    #[error("`{0}` is given twice")]
    Twice(&'static str),
    #[error("`{0}` needs a value")]
    NoValue(&'static str),
    #[error("`--contacts` takes a number from 1 to {MOST_CONTACTS}, not `{0}`")]
    Contacts(String),
    #[error("`--queue` takes an address such as redis://127.0.0.1:6379, not `{0}`")]
    Queue(String),
    #[error("`--outage` is `injected` or `real`, not `{0}`")]
    Outage(String),
    #[error("`--input` and `--contacts` exclude each other")]
    TwoSources,
    #[error("`--outage real` needs a queue that can be stopped: add `--queue redis://…`")]
    RealOutageWithoutServer,
}

impl Request {
    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// With every mistake found, in the order of the command line.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Vec<ArgumentError>> {
        let mut given = Given::default();
        let mut errors = Vec::new();
        let mut arguments = arguments.into_iter().peekable();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy().into_owned();
            if text == "-h" || text == "--help" {
                return Ok(Self::Help);
            }
            let (name, attached) = match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(OsString::from(value))),
                None => (text.clone(), None),
            };
            let Some((name, slot)) = given.slot(&name) else {
                errors.push(ArgumentError::Unknown(text));
                continue;
            };
            // Another option is no value: `--input --contacts 5` has forgotten the file.
            let value = attached.or_else(|| arguments.next_if(|next| !next.to_string_lossy().starts_with("--")));
            match value {
                None => errors.push(ArgumentError::NoValue(name)),
                Some(value) if value.is_empty() => errors.push(ArgumentError::NoValue(name)),
                Some(_) if slot.is_some() => errors.push(ArgumentError::Twice(name)),
                Some(value) => *slot = Some(value),
            }
        }
        let understood = given.understand(&mut errors);
        if errors.is_empty() { Ok(Self::Run(understood)) } else { Err(errors) }
    }
}

/// The options as they were given.
#[derive(Default)]
struct Given {
    input: Option<OsString>,
    contacts: Option<OsString>,
    database: Option<OsString>,
    queue: Option<OsString>,
    outage: Option<OsString>,
}

impl Given {
    fn slot(&mut self, name: &str) -> Option<(&'static str, &mut Option<OsString>)> {
        match name {
            "--input" => Some(("--input", &mut self.input)),
            "--contacts" => Some(("--contacts", &mut self.contacts)),
            "--database" => Some(("--database", &mut self.database)),
            "--queue" => Some(("--queue", &mut self.queue)),
            "--outage" => Some(("--outage", &mut self.outage)),
            _ => None,
        }
    }

    fn understand(self, errors: &mut Vec<ArgumentError>) -> Arguments {
        let Self { input, contacts, database, queue, outage } = self;
        let queue = queue.map(|address| address.to_string_lossy().into_owned());
        let outage = outage.map(|kind| kind.to_string_lossy().into_owned());
        let mut source = Source::Shipped;
        if input.is_some() && contacts.is_some() {
            errors.push(ArgumentError::TwoSources);
        }
        if let Some(file) = input {
            source = Source::File(file.into());
        } else if let Some(count) = contacts {
            let count = count.to_string_lossy();
            match count.parse() {
                Ok(count @ 1..=MOST_CONTACTS) => source = Source::Generated(count),
                _ => errors.push(ArgumentError::Contacts(count.into_owned())),
            }
        }
        if let Some(address) = &queue
            && !address.starts_with("redis://")
        {
            errors.push(ArgumentError::Queue(address.clone()));
        }
        let outage = match outage.as_deref() {
            None | Some("injected") => OutageKind::Injected,
            Some("real") if queue.is_none() => {
                errors.push(ArgumentError::RealOutageWithoutServer);
                OutageKind::Real
            }
            Some("real") => OutageKind::Real,
            Some(other) => {
                errors.push(ArgumentError::Outage(other.to_owned()));
                OutageKind::Injected
            }
        };
        Arguments { source, database: database.map(PathBuf::from), queue, outage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Request, Vec<ArgumentError>> {
        Request::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn nothing_given_runs_the_shipped_export() {
        assert_eq!(parse(""), Ok(Request::Run(Arguments::default())));
    }

    #[test]
    fn everything_given() {
        let expected = Arguments {
            source: Source::File("my contacts.csv".into()),
            database: Some("my.db".into()),
            queue: Some("redis://localhost:6379/2".into()),
            outage: OutageKind::Real,
        };
        let line =
            ["--input", "my contacts.csv", "--database=my.db", "--queue", "redis://localhost:6379/2", "--outage=real"];
        assert_eq!(Request::parse(line.map(OsString::from)), Ok(Request::Run(expected)));
        let generated = Arguments { source: Source::Generated(100_000), ..Arguments::default() };
        assert_eq!(parse("--contacts 100000"), Ok(Request::Run(generated)));
    }

    #[test]
    fn help_wins() {
        assert_eq!(parse("--contacts 5 --help --nonsense"), Ok(Request::Help));
    }

    #[test]
    fn every_mistake_is_reported() {
        assert_eq!(
            parse("--contacts 0 --nonsense --queue amqp://x --outage gone --database"),
            Err(vec![
                ArgumentError::Unknown("--nonsense".into()),
                ArgumentError::NoValue("--database"),
                ArgumentError::Contacts("0".into()),
                ArgumentError::Queue("amqp://x".into()),
                ArgumentError::Outage("gone".into()),
            ])
        );
        assert_eq!(parse("--contacts 100001"), Err(vec![ArgumentError::Contacts("100001".into())]));
        assert_eq!(parse("--contacts 5 --contacts 6"), Err(vec![ArgumentError::Twice("--contacts")]));
        assert_eq!(parse("--input --contacts 5"), Err(vec![ArgumentError::NoValue("--input")]));
        assert_eq!(parse("--input a --contacts 5"), Err(vec![ArgumentError::TwoSources]));
        assert_eq!(parse("--outage real"), Err(vec![ArgumentError::RealOutageWithoutServer]));
    }
}
