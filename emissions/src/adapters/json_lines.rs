//! Events in a file, one per line.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{InTurn, LineFile};
use crate::{
    envelope::RawEnvelope,
    pipeline::{
        adapter::Adapter,
        capabilities::Capabilities,
        delivery::{Delivery, Settlement},
    },
    wire::DecodeError,
};

/// Appends events to a file: one `CloudEvents` object in structured mode per line.
///
/// One process writes at a time (the file is locked); any number may read at the same time, with
/// [`JsonLinesReader`] or anything that reads lines. Sensitive fields are part of the payload and
/// are written as such: who may read the file is up to its permissions.
///
/// ```no_run
/// use emissions::adapters::{Fsync, JsonLines};
///
/// # fn main() -> std::io::Result<()> {
/// let audit = JsonLines::create("audit.jsonl")?.fsync(Fsync::EachBatch).rotate_at(64 * 1024 * 1024);
/// # drop(audit); Ok(()) }
/// ```
#[derive(Clone)]
pub struct JsonLines {
    file: Arc<Mutex<LineFile>>,
    in_turn: InTurn,
    fsync: Fsync,
    rotate_at: Option<u64>,
}

/// When what was written is forced to the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fsync {
    /// Before a batch is acknowledged: what is acknowledged outlives a crash of the machine.
    #[default]
    EachBatch,
    /// When the system likes: what is acknowledged outlives a crash of the process only, and the
    /// adapter does not call itself durable.
    Never,
}

impl JsonLines {
    /// Opens the file for appending, or creates it. A last line that a crash cut off is cut away.
    ///
    /// # Errors
    ///
    /// The file can't be opened, or somebody else writes to it.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = LineFile::open(path.as_ref())?;
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            in_turn: InTurn::default(),
            fsync: Fsync::default(),
            rotate_at: None,
        })
    }

    /// When what was written is forced to the disk; [`Fsync::EachBatch`] unless set.
    #[must_use]
    pub fn fsync(mut self, fsync: Fsync) -> Self {
        self.fsync = fsync;
        self
    }

    /// From which size on, in bytes, the file is moved to `name.1`, `name.2` and so on, the highest
    /// number being the newest, before a batch is written to a new one. Never unless set.
    #[must_use]
    pub fn rotate_at(mut self, bytes: u64) -> Self {
        self.rotate_at = Some(bytes);
        self
    }

    /// How many bytes of a torn last line were cut away when the file was opened.
    pub fn repaired_bytes(&self) -> u64 {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).repaired()
    }

    fn write(&self, lines: &[u8]) -> io::Result<()> {
        // A write that panicked half-way left a torn line, which the next one cuts away.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if self.rotate_at.is_some_and(|bytes| file.len() >= bytes.max(1)) {
            let rotated = file.rotate()?;
            tracing::info!(path = %file.path().display(), rotated = %rotated.display(), "file rotated");
        }
        file.append(lines, self.fsync == Fsync::EachBatch)
    }
}

impl Adapter for JsonLines {
    fn capabilities(&self) -> Capabilities {
        let capabilities = Capabilities::default().ordered();
        if self.fsync == Fsync::EachBatch { capabilities.durable() } else { capabilities }
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let mut lines = Vec::new();
        let mut settlements: Vec<Settlement> = batch
            .iter()
            .map(|event| match event.to_structured() {
                Ok(line) => {
                    lines.extend_from_slice(&line);
                    lines.push(b'\n');
                    Settlement::Acked
                }
                Err(error) => Settlement::refused(error),
            })
            .collect();
        let file = self.clone();
        let written = self.in_turn.run(move || file.write(&lines)).await;
        let error = match written {
            Ok(Ok(())) => return settlements.into_iter().collect(),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        for settlement in settlements.iter_mut().filter(|settlement| settlement.is_acked()) {
            *settlement = Settlement::retry(format!("the file can't be written: {error}"));
        }
        settlements.into_iter().collect()
    }
}

impl fmt::Debug for JsonLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("JsonLines").field("path", &file.path()).field("fsync", &self.fsync).finish_non_exhaustive()
    }
}

/// Reads what a [`JsonLines`] writes, also while it writes: a line counts once it is whole.
///
/// It stays with the file it opened; after a rotation that is the numbered one.
#[derive(Debug)]
pub struct JsonLinesReader {
    path: PathBuf,
    reader: BufReader<File>,
    position: u64,
}

/// Why a line can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonLinesError {
    /// The file can't be read.
    #[error("{path} can't be read")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The line is no event; the reader stands behind it.
    #[error("{path} has a line at byte {position} that is no event")]
    Line {
        /// The file.
        path: String,
        /// Where the line begins.
        position: u64,
        /// What is wrong with it.
        source: Box<DecodeError>,
    },
}

impl JsonLinesReader {
    /// Opens a file at its beginning.
    ///
    /// # Errors
    ///
    /// It can't be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        Ok(Self { reader: BufReader::new(File::open(&path)?), path, position: 0 })
    }

    /// The next event; nothing if there is no further whole line now. More may come later.
    ///
    /// # Errors
    ///
    /// [`JsonLinesError`]; after a line that is no event, the next call goes on behind it.
    pub fn next_event(&mut self) -> Result<Option<RawEnvelope>, JsonLinesError> {
        let path = || self.path.display().to_string();
        let mut line = Vec::new();
        let io = |source| JsonLinesError::Io { path: path(), source };
        self.reader.read_until(b'\n', &mut line).map_err(io)?;
        if line.pop() != Some(b'\n') {
            // Not whole yet: to be read again from its beginning.
            self.reader.seek(SeekFrom::Start(self.position)).map_err(io)?;
            return Ok(None);
        }
        let position = self.position;
        self.position += line.len() as u64 + 1;
        let read = RawEnvelope::from_structured(line);
        read.map(Some).map_err(|error| JsonLinesError::Line { path: path(), position, source: Box::new(error) })
    }

    /// Everything that is there now.
    ///
    /// # Errors
    ///
    /// As for [`next_event`](Self::next_event).
    pub fn read_all(&mut self) -> Result<Vec<RawEnvelope>, JsonLinesError> {
        std::iter::from_fn(|| self.next_event().transpose()).collect()
    }
}
