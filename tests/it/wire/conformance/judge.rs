//! The SDKs of CloudEvents, run as programs of their own.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;
use serde_json::Value;

/// An SDK that reads what we write and writes what we read.
pub(crate) struct Judge {
    pub(crate) name: &'static str,
    program: PathBuf,
    script: PathBuf,
    directory: PathBuf,
}

/// What a judge says to one request.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) read: Vec<Reading>,
    pub(crate) write: Vec<Writing>,
    pub(crate) schemas: Vec<Validation>,
}

#[derive(Deserialize)]
pub(crate) struct Reading {
    pub(crate) accepted: bool,
    #[serde(default)]
    pub(crate) attributes: serde_json::Map<String, Value>,
    #[serde(default)]
    pub(crate) data: Value,
    #[serde(default)]
    pub(crate) error: String,
}

#[derive(Deserialize)]
pub(crate) struct Writing {
    pub(crate) headers: Vec<(String, String)>,
    body: String,
}

impl Writing {
    pub(crate) fn body(&self) -> Vec<u8> {
        let nibbles: Vec<_> = self.body.chars().map(|digit| digit.to_digit(16).expect("hexadecimal")).collect();
        nibbles.chunks(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).expect("a byte")).collect()
    }
}

#[derive(Deserialize)]
pub(crate) struct Validation {
    pub(crate) errors: Vec<String>,
    pub(crate) refused: Vec<bool>,
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

impl Judge {
    /// The SDK for Python, with the older interface as a binding of its own.
    pub(crate) fn python() -> Option<Self> {
        let files = files("python");
        let lock = files.join("requirements.txt");
        let directory = installation("python", &lock)?;
        let program = directory.join("venv/bin/python");
        let installed = once(&directory, || {
            run(Command::new("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(&directory))?;
            let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
            run(Command::new(&program).args(quiet).arg(&lock).current_dir(&directory))
        });
        let installed = installed.and_then(|()| run(Command::new(&program).arg("--version")));
        let judge = Self { name: "python", program, script: files.join("judge.py"), directory };
        present("Python", installed).then_some(judge)
    }

    /// The SDK for JavaScript.
    pub(crate) fn javascript() -> Option<Self> {
        let files = files("javascript");
        let directory = installation("javascript", &files.join("package-lock.json"))?;
        let installed = once(&directory, || {
            for file in ["package.json", "package-lock.json"] {
                fs::copy(files.join(file), directory.join(file)).map_err(|error| error.to_string())?;
            }
            run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&directory))
        });
        let installed = installed.and_then(|()| run(Command::new("node").arg("--version")));
        let judge = Self { name: "javascript", program: "node".into(), script: files.join("judge.mjs"), directory };
        present("Node", installed).then_some(judge)
    }

    /// Asks the SDK.
    pub(crate) fn ask(&self, request: &Value) -> Answer {
        let mut child = Command::new(&self.program)
            .arg(&self.script)
            .current_dir(&self.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the judge starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(request.to_string().as_bytes()).expect("the judge listens");
        drop(stdin);
        let output = child.wait_with_output().expect("the judge ends");
        assert!(output.status.success(), "{} failed: {}", self.name, output.status);
        serde_json::from_slice(&output.stdout).expect("the judge answers")
    }
}

fn files(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance").join(language)
}

/// A directory for exactly this lock file.
fn installation(language: &str, lock: &Path) -> Option<PathBuf> {
    let text = fs::read(lock).expect("the lock file is there");
    // FNV-1a: another content, another directory.
    let hash = text
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("conformance-{language}-{hash:016x}"));
    fs::create_dir_all(&directory).ok()?;
    Some(directory)
}

/// Installs, unless that was done before; of several tests and processes one does it.
fn once(directory: &Path, install: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let lock = fs::File::create(directory.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let done = directory.join("installed");
    if done.exists() {
        return Ok(());
    }
    install()?;
    fs::write(done, "").map_err(|error| error.to_string())
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Where nobody promised that the judges are there, they may be missing, but not in silence.
fn present(what: &str, installed: Result<(), String>) -> bool {
    let Err(error) = installed else { return true };
    let promised = env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false" && ci != "0");
    assert!(!promised, "CI needs the CloudEvents SDK for {what}: {error}");
    // Not `eprintln!`, which the test harness swallows when a test passes.
    let _ = writeln!(std::io::stderr(), "LEFT OUT: conformance with the CloudEvents SDK for {what}: {error}");
    false
}
