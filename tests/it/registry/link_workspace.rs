//! The linker drops crates that nobody names, and `link!` keeps them: in debug, and in release with
//! fat LTO. Builds `tests/link_workspace` for real.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// The workspace, copied to where this test may write, with the lock file of ours: nothing has to be
/// downloaded that is not there already.
fn copied() -> io::Result<PathBuf> {
    let ours = Path::new(HERE).join("..").canonicalize()?;
    let (from, to) =
        (Path::new(HERE).join("link_workspace"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("link_workspace"));
    for member in ["app", "billing", "contacts", "events", "hollow", "ledger"] {
        copy_tree(&from.join(member), &to.join(member))?;
    }
    let manifest = fs::read_to_string(from.join("Cargo.toml"))?;
    let manifest = manifest.replace("../../emissions", &ours.join("emissions").to_string_lossy());
    write_if_changed(&to.join("Cargo.toml"), manifest.as_bytes())?;
    fs::copy(ours.join("Cargo.lock"), to.join("Cargo.lock"))?;
    Ok(to)
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            write_if_changed(&target, &fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// Keeps the time of what did not change, so that it is not built again.
fn write_if_changed(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|known| known == content) { Ok(()) } else { fs::write(path, content) }
}

/// Builds the programs, and gives what each prints.
fn outputs<const N: usize>(workspace: &Path, profile: &str, programs: [&str; N]) -> [String; N] {
    // The folder of this build, for what it has built already; its lock is free while tests run.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("..");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace).args(["build", "--quiet", "--offline", "--profile", profile]);
    cargo.arg("--target-dir").arg(&target).args(programs.iter().flat_map(|program| ["--bin", program]));
    let built = cargo.output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let folder = target.join(if profile == "dev" { "debug" } else { profile });
    programs.map(|program| {
        let run = Command::new(folder.join(program)).output().expect("the program runs");
        assert!(run.status.success(), "{program}: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).expect("it prints UTF-8")
    })
}

const EVENT: &str = "contacts.imported.v1 = shop_events::ContactsImported at events/src/lib.rs:8:12\n";

const LISTENERS: &str = "  gate acme_billing::charge at billing/src/lib.rs:5:14
  gate contacts::body::count at contacts/src/lib.rs:22:14
  gate contacts::index at contacts/src/lib.rs:10:14
  gate contacts::mail::welcome at contacts/src/lib.rs:16:14
  observer shop_ledger::book at ledger/src/lib.rs:5:14
link billing at app/src/bin/linked.rs:14:5
link contacts at app/src/bin/linked.rs:11:1
link shop_ledger at app/src/bin/linked.rs:11:1
";

#[test]
fn link_keeps_what_the_linker_drops_without_a_word() {
    let workspace = copied().expect("the workspace can be copied");
    let [silent, linked, hollow] = outputs(&workspace, "dev", ["silent", "linked", "hollow"]);
    let [silent_release, linked_release] = outputs(&workspace, "release", ["silent", "linked"]);

    // The reason for `link!`: five listeners are in `Cargo.toml`, none is in the program, and nothing tells.
    assert_eq!(silent, format!("{EVENT}sound\n"));
    assert_eq!(silent_release, silent);

    assert_eq!(linked, format!("{EVENT}{LISTENERS}sound\n"));
    assert_eq!(linked_release, linked, "byte for byte, whatever the linker did");

    assert!(hollow.starts_with("2 violations\n\nEM0007: `billing` is named in `link!`"), "{hollow}");
    assert!(hollow.contains("EM0007: `hollow` is named in `link!`"), "{hollow}");
    assert!(hollow.contains("at app/src/bin/hollow.rs:3:1"), "{hollow}");
    assert!(hollow.contains("`use hollow as _;`"), "{hollow}");
    assert!(hollow.contains("`link!(billing = \"its-package\")`"), "{hollow}");
}
