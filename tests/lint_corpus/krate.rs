//! One crate of many functions, one `cargo check`, and whose lines the errors are on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Condvar, Mutex, Once, PoisonError},
};

use serde_json::Value;

/// A function of the crate, with what belongs to it.
pub(crate) struct Function {
    pub id: String,
    pub code: String,
}

/// One error of the compiler.
#[derive(Clone, Debug)]
pub(crate) struct Diagnostic {
    pub message: String,
    pub rendered: String,
    pub warning: bool,
    pub line: usize,
    pub column: usize,
    pub column_end: usize,
}

impl Diagnostic {
    /// Whether the lint has said it.
    pub(crate) fn is_ours(&self) -> bool {
        self.message.starts_with("emissions::")
    }
}

/// What the compiler has to say, by function; what belongs to none is under the empty id.
pub(crate) type Verdicts = BTreeMap<String, Vec<Diagnostic>>;

/// A crate that is generated for one question.
pub(crate) struct Crate<'a> {
    pub name: &'a str,
    pub edition: &'a str,
    pub header: &'a str,
    pub clippy: bool,
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

pub(crate) fn room() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lint")
}

impl Crate<'_> {
    /// Writes the crate and checks it.
    pub(crate) fn check(&self, functions: &[Function]) -> Verdicts {
        let root = room().join(self.name);
        let source = root.join("src");
        fs::create_dir_all(&source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
        let (code, owners) = self.print(functions);
        write(&root.join("Cargo.toml"), &self.manifest());
        let lock = fs::read_to_string(workspace().join("Cargo.lock")).unwrap_or_default();
        write(&root.join("Cargo.lock"), &lock);
        write(&source.join("lib.rs"), &code);
        self.run(&root, &owners)
    }

    fn manifest(&self) -> String {
        let emissions = workspace().join("emissions");
        format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"{}\"\npublish = false\n\n\
             [dependencies]\nemissions = {{ path = {:?} }}\nfutures = \"0.3\"\n\
             tokio = {{ version = \"1\", features = [\"full\"] }}\ntokio-util = {{ version = \"0.7\", features = [\"rt\"] }}\n\n\
             [workspace]\n\n[profile.dev]\ndebug = 0\n",
            self.name, self.edition, emissions
        )
    }

    /// The measurement of the lint's cost builds without increments, and once without the lint.
    fn environment(&self) -> Vec<(&'static str, std::ffi::OsString)> {
        match self.name {
            "cost-with" => vec![
                ("CARGO_TARGET_DIR", room().join("target-with").into()),
                ("CARGO_INCREMENTAL", "0".into()),
                ("RUSTFLAGS", "".into()),
            ],
            "cost-without" | "cost-plain" => vec![
                ("CARGO_TARGET_DIR", room().join("target-without").into()),
                ("CARGO_INCREMENTAL", "0".into()),
                ("RUSTFLAGS", "--cfg emissions_lint_off".into()),
            ],
            // As a narrow terminal shows it.
            _ => vec![("RUSTFLAGS", "--diagnostic-width=80".into())],
        }
    }

    fn print(&self, functions: &[Function]) -> (String, Vec<(usize, String)>) {
        let mut code = self.header.replace("{PRELUDE}", &prelude());
        let mut owners = Vec::new();
        for function in functions {
            owners.push((code.lines().count() + 1, function.id.clone()));
            let _ = writeln!(code, "{}", function.code.trim_end());
        }
        owners.push((code.lines().count() + 1, String::new()));
        (code, owners)
    }

    /// Checks the crate once more, with every compiler of it run by `wrapper`.
    pub(crate) fn check_under(&self, wrapper: &Path) {
        let root = room().join(self.name);
        let target = TargetFolder::free();
        let status = self.cargo(&root, target.0).env("RUSTC_WORKSPACE_WRAPPER", wrapper).stdout(Stdio::null()).status();
        assert!(status.is_ok_and(|status| status.success()), "{} under {}", self.name, wrapper.display());
    }

    fn cargo(&self, root: &Path, target: &str) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let command = if self.clippy { "clippy" } else { "check" };
        cargo
            .args([command, "--offline", "--quiet", "--message-format", "json"])
            .current_dir(root)
            .env("CARGO_TARGET_DIR", room().join(target))
            .envs(self.environment());
        cargo
    }

    fn run(&self, root: &Path, owners: &[(usize, String)]) -> Verdicts {
        let target = TargetFolder::free();
        let output = self.cargo(root, target.0).output().unwrap_or_else(|error| panic!("cargo: {error}"));
        let text = String::from_utf8_lossy(&output.stdout);
        let mut verdicts = Verdicts::new();
        let mut finished = false;
        for message in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            finished |= message["reason"] == "compiler-message" || message["reason"] == "build-finished";
            if message["reason"] != "compiler-message" || message["target"]["name"] != self.name.replace('-', "_") {
                continue;
            }
            let diagnostic = &message["message"];
            let Some(span) =
                diagnostic["spans"].as_array().and_then(|spans| spans.iter().find(|span| span["is_primary"] == true))
            else {
                continue;
            };
            let mut span = span;
            while span["file_name"] != "src/lib.rs" && !span["expansion"].is_null() {
                span = &span["expansion"]["span"];
            }
            let number = |key: &str| span[key].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
            let line = number("line_start");
            let owner = if span["file_name"] == "src/lib.rs" { owner(owners, line) } else { String::new() };
            verdicts.entry(owner).or_default().push(Diagnostic {
                message: diagnostic["message"].as_str().unwrap_or_default().to_owned(),
                rendered: diagnostic["rendered"].as_str().unwrap_or_default().to_owned(),
                warning: diagnostic["level"] == "warning",
                line,
                column: number("column_start"),
                column_end: number("column_end"),
            });
        }
        assert!(finished, "cargo said nothing of the crate:\n{}", String::from_utf8_lossy(&output.stderr));
        verdicts
    }
}

/// Folders of builds: cargo locks the one it works in, so with one of them a check waits for another.
static FREE: (Mutex<Vec<&str>>, Condvar) = (Mutex::new(Vec::new()), Condvar::new());
static FILL: Once = Once::new();

/// The folder one check builds in.
struct TargetFolder(&'static str);

impl TargetFolder {
    fn free() -> Self {
        let (folders, freed) = &FREE;
        let mut folders = folders.lock().unwrap_or_else(PoisonError::into_inner);
        FILL.call_once(|| folders.extend(["target-2", "target-1"]));
        loop {
            match folders.pop() {
                Some(folder) => return Self(folder),
                None => folders = freed.wait(folders).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl Drop for TargetFolder {
    fn drop(&mut self) {
        FREE.0.lock().unwrap_or_else(PoisonError::into_inner).push(self.0);
        FREE.1.notify_one();
    }
}

fn owner(owners: &[(usize, String)], line: usize) -> String {
    owners.iter().rev().find(|(start, _)| *start <= line).map(|(_, id)| id.clone()).unwrap_or_default()
}

fn write(path: &Path, text: &str) {
    // Unchanged files keep their time, so that nothing is checked anew for nothing.
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn prelude() -> String {
    format!("{:?}", Path::new(env!("CARGO_MANIFEST_DIR")).join("lint_corpus").join("prelude.rs"))
}

/// Checks the functions in rounds, without those that had errors, until nothing new turns up:
/// lints and the borrow checker do not run once type checking has failed.
pub(crate) fn check_in_rounds(krate: &Crate<'_>, mut functions: Vec<Function>) -> Verdicts {
    let mut all = Verdicts::new();
    loop {
        let verdicts = krate.check(&functions);
        let wrong: BTreeSet<String> = verdicts
            .iter()
            .filter(|(_, found)| found.iter().any(|diagnostic| !diagnostic.warning))
            .map(|(id, _)| id.clone())
            .collect();
        let done = wrong.is_empty() || functions.is_empty() || wrong.iter().all(String::is_empty);
        for (id, found) in verdicts {
            all.entry(id).or_default().extend(found);
        }
        if done {
            return all;
        }
        functions.retain(|function| !wrong.contains(&function.id));
    }
}

/// How many lines stand before the first function.
pub(crate) fn lines_of_header(krate: &Crate<'_>) -> usize {
    krate.header.replace("{PRELUDE}", &prelude()).lines().count()
}
