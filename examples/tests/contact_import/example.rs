//! Starts the compiled example and reads what it says.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::SystemTime,
};

/// What a run of the example came to.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the example to its end.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Finished {
    Running::start(arguments).finish()
}

/// An example that runs; killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    read: String,
}

impl Running {
    pub(crate) fn start<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let mut child = Command::new(executable())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, stdout, read: String::new() }
    }

    /// Reads on until a line contains this text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).expect("UTF-8") == 0 {
                let mut errors = String::new();
                let _ = self.child.stderr.take().expect("piped").read_to_string(&mut errors);
                panic!("the example ended before it said `{text}`:\n{}{errors}", self.read);
            }
            self.read.push_str(&line);
            if line.contains(text) {
                return;
            }
        }
    }

    pub(crate) fn finish(mut self) -> Finished {
        self.stdout.read_to_string(&mut self.read).expect("UTF-8");
        let mut stderr = String::new();
        self.child.stderr.take().expect("piped").read_to_string(&mut stderr).expect("UTF-8");
        let code = self.child.wait().expect("it ended").code();
        Finished { code, stdout: std::mem::take(&mut self.read), stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file of the package.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// A file for one test, removed with everything `SQLite` puts beside it.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("emissions-{}-{name}", std::process::id())))
    }

    pub(crate) fn with(name: &str, content: &[u8]) -> Self {
        let scratch = Self::new(name);
        fs::write(&scratch.0, content).expect("the temporary directory is writable");
        scratch
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut file = self.0.clone().into_os_string();
            file.push(suffix);
            let _ = fs::remove_file(file);
        }
    }
}

/// `cargo test` builds the examples beside the tests. Naming one test target (`--test contact_import`) doesn't:
/// then an example that is missing or older than its source is refused, rather than tested.
fn executable() -> PathBuf {
    const BUILD: &str = "run `cargo test -p emissions-examples`, or build it with `--example contact_import`";
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let executable = profile.join("examples").join(format!("contact_import{}", std::env::consts::EXE_SUFFIX));
    let built = modified(&executable).unwrap_or_else(|| panic!("{} is not there: {BUILD}", executable.display()));
    let source = newest(&path("contact_import"));
    assert!(built >= source, "{} is older than its source: {BUILD}", executable.display());
    executable
}

fn newest(directory: &Path) -> SystemTime {
    let entries = fs::read_dir(directory).expect("the example's source");
    entries
        .map(|entry| entry.expect("readable").path())
        .map(|path| if path.is_dir() { newest(&path) } else { modified(&path).expect("readable") })
        .max()
        .expect("at least one file")
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
