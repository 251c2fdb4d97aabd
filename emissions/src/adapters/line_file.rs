//! A file of lines that is only ever appended to.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// How far back a line is looked for at a time.
const STEP: u64 = 64 * 1024;

/// An append-only file of lines with one writer.
///
/// Every write is whole lines; one that fails half-way is undone, and one that a crash cut off is
/// cut away when the file is opened again.
pub(crate) struct LineFile {
    path: PathBuf,
    file: File,
    /// Where the last whole line ends.
    len: u64,
    /// The file may hold more than `len` says.
    torn: bool,
    /// It has been moved away, and the path is not this file's any more.
    moved: Option<PathBuf>,
    repaired: u64,
}

impl LineFile {
    /// Opens or creates the file, locks it against other writers and repairs its last line.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::ResourceBusy, format!("{} has another writer", path.display()))
            }
            TryLockError::Error(error) => error,
        })?;
        let found = file.metadata()?.len();
        let len = end_of_last_line(&mut file, found)?;
        if len < found {
            tracing::warn!(path = %path.display(), bytes = found - len, "torn last line cut away");
            file.set_len(len)?;
            file.sync_data()?;
        }
        // The entry in the directory must outlive a crash as the content does.
        File::open(parent_of(path))?.sync_all()?;
        Ok(Self { path: path.to_owned(), file, len, torn: false, moved: None, repaired: found - len })
    }

    /// How many bytes of a torn line were cut away.
    pub(crate) fn repaired(&self) -> u64 {
        self.repaired
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Appends whole lines, all or none as far as this process can tell.
    pub(crate) fn append(&mut self, lines: &[u8], sync: bool) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.len)?;
            self.torn = false;
        }
        self.torn = true;
        self.file.write_all(lines)?;
        if sync {
            self.file.sync_data()?;
        }
        self.torn = false;
        self.len += lines.len() as u64;
        Ok(())
    }

    /// Moves the file out of the way, to the next number behind its name, and begins anew.
    pub(crate) fn rotate(&mut self) -> io::Result<PathBuf> {
        if self.torn {
            self.file.set_len(self.len)?;
            self.torn = false;
        }
        self.file.sync_data()?;
        let numbered = self.move_away()?;
        *self = Self::open(&self.path)?;
        Ok(numbered)
    }

    /// Once only: if a new file can't be opened afterwards, what is at the path by the next time may be
    /// somebody else's.
    fn move_away(&mut self) -> io::Result<PathBuf> {
        if let Some(moved) = &self.moved {
            return Ok(moved.clone());
        }
        let mut numbered = self.path.clone().into_os_string();
        numbered.push(format!(".{}", self.highest_number()?.saturating_add(1)));
        let numbered = PathBuf::from(numbered);
        match std::fs::rename(&self.path, &numbered) {
            // Somebody has removed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved?,
        }
        self.moved = Some(numbered.clone());
        Ok(numbered)
    }
}

impl LineFile {
    /// The highest number behind the file's name, also where lower ones have been removed.
    fn highest_number(&self) -> io::Result<u64> {
        let mut highest = 0;
        let Some(name) = self.path.file_name() else { return Ok(highest) };
        for entry in std::fs::read_dir(parent_of(&self.path))? {
            let found = entry?.file_name();
            let rest = found.as_encoded_bytes().strip_prefix(name.as_encoded_bytes());
            let digits = rest.and_then(|rest| rest.strip_prefix(b".")).and_then(|rest| std::str::from_utf8(rest).ok());
            highest = highest.max(digits.and_then(|digits| digits.parse().ok()).unwrap_or(0));
        }
        Ok(highest)
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where the last line break of the file is, plus one.
fn end_of_last_line(file: &mut File, len: u64) -> io::Result<u64> {
    let mut end = len;
    let mut bytes = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(start))?;
        bytes.clear();
        Read::by_ref(file).take(end - start).read_to_end(&mut bytes)?;
        if let Some(position) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + position as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("emissions-line-file-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the folder of temporary files can be written");
        folder.join(name)
    }

    #[test]
    fn a_writer_that_comes_during_a_rotation_keeps_its_file() {
        let path = scratch("rotated.jsonl");
        let mut first = LineFile::open(&path).unwrap();
        first.append(b"one\n", false).unwrap();
        let numbered = first.move_away().unwrap();
        let mut other = LineFile::open(&path).unwrap();
        other.append(b"two\n", false).unwrap();
        for _ in 0..2 {
            assert_eq!(first.rotate().unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"two\n");
        assert_eq!(std::fs::read(&numbered).unwrap(), b"one\n");
        drop(other);
        assert_eq!(first.rotate().unwrap(), numbered);
        first.append(b"three\n", false).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two\nthree\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_disk_that_is_full_is_an_error_and_not_the_end() {
        let mut full = LineFile::open(Path::new("/dev/full")).unwrap();
        for _ in 0..3 {
            assert!(full.append(b"one\n", false).is_err());
        }
        assert_eq!(full.len(), 0);
    }
}
