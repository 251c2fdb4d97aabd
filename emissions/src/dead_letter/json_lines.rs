//! Dead letters in a file.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{DeadLetter, DeadLetterStore, ParkReason};
use crate::{
    adapters::{InTurn, LineFile},
    envelope::RawEnvelope,
    listener::BoxError,
    wire::base64,
};

/// Keeps dead letters in a file, a line per letter and one more when it is removed.
///
/// Every line says in the clear which event it is about and why it was parked. The event itself is
/// written as base64 of its structured form: its bytes are kept as they are, and no content of a
/// sensitive field is readable as text. That is no encryption; on Unix the file is created for its
/// owner only.
///
/// Opening compacts the file: letters that were removed are left out.
#[derive(Clone)]
pub struct JsonLinesDeadLetters {
    shared: Arc<Mutex<Shared>>,
    in_turn: InTurn,
}

struct Shared {
    file: LineFile,
    /// By the order in which they were parked.
    letters: BTreeMap<u64, DeadLetter>,
    next: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    Parked {
        adapter: String,
        event_id: Uuid,
        event_type: String,
        attempts: u32,
        errors: Vec<String>,
        reason: String,
        parked_at: String,
        event_base64: String,
    },
    Removed {
        adapter: String,
        event_id: Uuid,
    },
}

impl JsonLinesDeadLetters {
    /// Opens or creates the file, and reads what it holds. A last line that a crash cut off is cut
    /// away.
    ///
    /// # Errors
    ///
    /// The file can't be opened or read, somebody else writes to it, or a line of it is none of ours.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        private(path)?;
        let file = LineFile::open(path)?;
        let mut shared = Shared { file, letters: BTreeMap::new(), next: 0 };
        let bytes = std::fs::read(path)?;
        let mut removed = 0;
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
            let fault = |what: &dyn fmt::Display| {
                let place = format!("{}:{}", path.display(), number + 1);
                io::Error::new(io::ErrorKind::InvalidData, format!("{place} is no dead letter: {what}"))
            };
            match serde_json::from_slice(line).map_err(|error| fault(&error))? {
                Line::Removed { adapter, event_id } => {
                    shared.forget(&adapter, event_id);
                    removed += 1;
                }
                parked @ Line::Parked { .. } => {
                    let letter = parked.into_letter().ok_or_else(|| fault(&"its event can't be read"))?;
                    shared.keep(letter);
                }
            }
        }
        if removed > 0 {
            shared.compact(path)?;
        }
        Ok(Self { shared: Arc::new(Mutex::new(shared)), in_turn: InTurn::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Shared) -> io::Result<T> + Send + 'static,
    ) -> Result<T, BoxError> {
        let store = self.clone();
        Ok(self.in_turn.run(move || work(&mut store.lock())).await??)
    }
}

impl Shared {
    fn keep(&mut self, letter: DeadLetter) {
        self.forget(&letter.adapter, letter.event_id());
        self.letters.insert(self.next, letter);
        self.next += 1;
    }

    fn forget(&mut self, adapter: &str, event_id: Uuid) -> bool {
        let before = self.letters.len();
        self.letters.retain(|_, letter| !letter.is(adapter, event_id));
        self.letters.len() < before
    }

    /// Writes what is left to a new file, which then takes the place of the old one.
    fn compact(&mut self, path: &Path) -> io::Result<()> {
        let mut name = path.as_os_str().to_owned();
        name.push(".compacting");
        let beside = PathBuf::from(name);
        let mut lines = Vec::new();
        for letter in self.letters.values() {
            lines.extend(line(&Line::of(letter)?)?);
        }
        let _ = std::fs::remove_file(&beside);
        private(&beside)?;
        LineFile::open(&beside)?.append(&lines, true)?;
        std::fs::rename(&beside, path)?;
        self.file = LineFile::open(path)?;
        Ok(())
    }
}

impl Line {
    fn of(letter: &DeadLetter) -> io::Result<Self> {
        let structured = letter.event.to_structured().map_err(io::Error::other)?;
        Ok(Self::Parked {
            adapter: letter.adapter.clone(),
            event_id: letter.event_id(),
            event_type: letter.event.wire_type(),
            attempts: letter.attempts,
            errors: letter.errors.clone(),
            reason: letter.reason.as_str().to_owned(),
            parked_at: letter.parked_at.to_string(),
            event_base64: base64::encode(&structured),
        })
    }

    fn into_letter(self) -> Option<DeadLetter> {
        let Self::Parked { adapter, attempts, errors, reason, parked_at, event_base64, .. } = self else {
            return None;
        };
        Some(DeadLetter {
            adapter,
            event: RawEnvelope::from_structured(base64::decode(&event_base64)?).ok()?,
            attempts,
            errors,
            reason: ParkReason::parse(&reason)?,
            parked_at: parked_at.parse().ok()?,
        })
    }
}

fn line(line: &Line) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Creates the file for its owner only, if it is not there.
fn private(path: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

impl DeadLetterStore for JsonLinesDeadLetters {
    fn is_durable(&self) -> bool {
        true
    }

    async fn park(&self, letter: DeadLetter) -> Result<(), BoxError> {
        self.blocking(move |shared| {
            shared.file.append(&line(&Line::of(&letter)?)?, true)?;
            shared.keep(letter);
            Ok(())
        })
        .await
    }

    async fn letters(&self) -> Result<Vec<DeadLetter>, BoxError> {
        // Not here: whoever parks holds the lock until it is on the disk.
        self.blocking(|shared| Ok(shared.letters.values().cloned().collect())).await
    }

    async fn remove(&self, adapter: &str, event_id: Uuid) -> Result<(), BoxError> {
        let adapter = adapter.to_owned();
        self.blocking(move |shared| {
            if shared.letters.values().any(|letter| letter.is(&adapter, event_id)) {
                shared.file.append(&line(&Line::Removed { adapter: adapter.clone(), event_id })?, true)?;
                shared.forget(&adapter, event_id);
            }
            Ok(())
        })
        .await
    }
}

impl fmt::Debug for JsonLinesDeadLetters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = self.lock();
        f.debug_struct("JsonLinesDeadLetters")
            .field("path", &shared.file.path())
            .field("letters", &shared.letters.len())
            .finish()
    }
}
