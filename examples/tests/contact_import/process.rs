//! What a user sees: output, exit code, errors.

use std::{ffi::OsStr, fs};

use emissions_examples::normalise;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};

use crate::example::{Finished, Scratch, path, run};

#[track_caller]
fn assert_success(run: &Finished) {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("each checked: all hold"), "{}", run.stdout);
    assert!(!run.stdout.contains('✗'), "{}", run.stdout);
    assert_eq!(run.stderr, "", "progress is for terminals");
}

#[track_caller]
fn assert_unusable(run: &Finished, error: &str) {
    assert_eq!(run.code, Some(2), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains(error), "`{error}` is not in:\n{}", run.stderr);
}

/// The table at the end of a run, a row per line, cells separated by one space.
fn table(run: &Finished) -> Vec<String> {
    let rows = run.stdout.lines().skip_while(|line| !line.trim().starts_with("act one  ")).skip(1);
    rows.take_while(|line| !line.is_empty()).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_default_run_is_the_expected_one() {
    let run = run::<&OsStr>([]);
    assert_success(&run);
    let expected = path("expected/contact_import.txt");
    let normal = normalise(&run.stdout);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&expected, &normal).expect("the file of the repository is writable");
    }
    let expected = fs::read_to_string(expected).expect("shipped");
    assert!(normal == expected, "bless with BLESS=1, then read the diff; the run said:\n{normal}");
}

#[test]
fn any_number_of_contacts_is_told_correctly() {
    for (contacts, jobs, found, stamped_by) in
        [("1", "1", 1, 2), ("2", "1", 2, 2), ("101", "2", 3, 3), ("650", "7", 3, 3)]
    {
        let run = run(["--contacts", contacts]);
        assert_success(&run);
        assert_eq!(
            table(&run),
            [
                format!("contacts stored {contacts} {contacts}"),
                format!("jobs worked off 0 {jobs}"),
                format!("people indexed 0 {contacts}"),
                format!("people found 0 of {found} {found} of {found}"),
                format!("stamp set by call 1 set by call {stamped_by}"),
                "duplicates 0 0".to_owned(),
            ]
        );
    }
}

#[test]
fn a_users_file_is_imported_and_its_malformed_rows_are_reported() {
    let run = run([OsStr::new("--input"), path("tests/data/malformed.csv").as_os_str()]);
    assert_success(&run);
    let read: Vec<&str> =
        run.stdout.lines().skip_while(|line| !line.contains(" read ")).take_while(|l| !l.is_empty()).collect();
    let read: Vec<&str> = read.iter().filter_map(|line| line.get(10..)).collect();
    assert_eq!(
        read,
        [
            "read     4 contacts, 4 malformed, 1 without an e-mail address, 1 with",
            "         a repeated address",
            "skipped  line 4: 3 fields where the header has 21",
            "skipped  line 6: column `First Name` is not UTF-8",
            "skipped  line 8: several lines with the wrong number of fields: is a",
            "         quote left open?",
            "skipped  line 11: `gus at odd.example` is not an e-mail address",
        ]
    );
    for found in
        ["\"Ada Byron\": ada@engines.example", "\"Edo Vale\": edo@vale.example", "\"Hal O\"Neil, Jr\": hal@oneil"]
    {
        assert!(run.stdout.contains(found), "`{found}` is not in:\n{}", run.stdout);
    }
    assert_eq!(table(&run)[0], "contacts stored 4 4");
}

#[test]
fn names_that_no_search_knows_are_found_by_address() {
    let names = ["???", "\u{1F980}", "\u{1E900}\u{1E901}", "NEAR(\u{1b}[2J", "DROP\" OR *"];
    let rows: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(number, name)| format!("\"{}\",,,p{number}@x.test", name.replace('"', "\"\"")))
        .collect();
    for first in 0..rows.len() {
        let export = format!("First Name,File As,Labels,E-mail 1 - Value\n{}\n", rows[first..].join("\n"));
        let file = Scratch::with(&format!("names-{first}.csv"), export.as_bytes());
        let run = run([OsStr::new("--input"), file.0.as_os_str()]);
        assert_success(&run);
        assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
    }
}

#[test]
fn an_export_from_before_2024_is_imported() {
    let run = run([OsStr::new("--input"), path("tests/data/before_2024.csv").as_os_str()]);
    assert_success(&run);
    assert!(run.stdout.contains("\"Zoë Quist\": zoe@quist.example"), "{}", run.stdout);
    assert_eq!(table(&run)[2], "people indexed 0 2");
}

#[test]
fn a_file_that_is_no_export_is_refused() {
    let foreign = Scratch::with("prices.csv", b"id,price\n1,2\n");
    let name = foreign.0.display().to_string();
    let refused = run([OsStr::new("--input"), foreign.0.as_os_str()]);
    assert_unusable(
        &refused,
        &format!("error: {name}: not a Google Contacts CSV export: its first line is `id`, `price`"),
    );
    assert!(refused.stderr.contains("https://contacts.google.com"), "{}", refused.stderr);

    let empty = Scratch::with("empty.csv", b"");
    assert_unusable(&run([OsStr::new("--input"), empty.0.as_os_str()]), "the file is empty");
    let binary = Scratch::with("binary.csv", &[0, 159, 146, 150].repeat(10_000));
    assert_unusable(&run([OsStr::new("--input"), binary.0.as_os_str()]), "not a Google Contacts CSV export");
    assert_unusable(&run([OsStr::new("--input"), path("tests").as_os_str()]), "error: ");
    assert_unusable(&run(["--input", "no such file.csv"]), "no such file.csv: ");

    let header = fs::read(path("tests/data/before_2024.csv")).expect("shipped");
    let header = header.split_inclusive(|&byte| byte == b'\n').next().expect("a first line");
    let nobody = Scratch::with("nobody.csv", &[header, b"cut,off\n"].concat());
    let refused = run([OsStr::new("--input"), nobody.0.as_os_str()]);
    assert_unusable(&refused, "no contact with an e-mail address in it\n  skipped line 2: 2 fields");
}

#[test]
fn mistakes_on_the_command_line_are_all_reported() {
    let refused = run(["--contacts", "many", "--colour", "--outage", "real"]);
    assert_unusable(
        &refused,
        "error: unknown argument `--colour`\nerror: `--contacts` takes a number from 1 to 100000",
    );
    assert!(refused.stderr.contains("`--outage real` needs a queue that can be stopped"), "{}", refused.stderr);
    assert!(refused.stderr.ends_with("`--help` lists the options\n"), "{}", refused.stderr);
}

#[test]
fn help_names_every_option() {
    let help = run(["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    for option in ["--input", "--contacts", "--database", "--queue", "--outage", "Exit code"] {
        assert!(help.stdout.contains(option), "{option}");
    }
    assert!(help.stdout.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn a_kept_database_can_be_used_again() {
    let database = Scratch::new("kept.db");
    let arguments = [OsStr::new("--contacts"), OsStr::new("250"), OsStr::new("--database"), database.0.as_os_str()];
    let [first, second] = [run(arguments), run(arguments)];
    for run in [&first, &second] {
        assert_success(run);
    }
    assert_eq!(normalise(&first.stdout), normalise(&second.stdout));
    let foreign = Scratch::with("foreign.db", "not a database ".repeat(100).as_bytes());
    assert_unusable(
        &run([OsStr::new("--database"), foreign.0.as_os_str()]),
        "foreign.db: the database can't be opened",
    );
}

/// The claims are checked, not printed: a database that loses every second job makes them false.
#[tokio::test]
async fn a_claim_that_does_not_hold_fails_the_run() {
    let database = Scratch::new("lossy.db");
    let arguments = [OsStr::new("--contacts"), OsStr::new("600"), OsStr::new("--database"), database.0.as_os_str()];
    assert_success(&run(arguments));
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&database.0)).await.expect("kept");
    sqlx::raw_sql(
        "CREATE TRIGGER lose AFTER INSERT ON index_jobs WHEN NEW.id % 2 = 0
         BEGIN DELETE FROM index_jobs WHERE id = NEW.id; END",
    )
    .execute(&pool)
    .await
    .expect("a trigger");
    pool.close().await;

    let run = run(arguments);
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    let (_, broken) = run.stdout.split_once("claims do not hold:\n").expect("it says so at the end");
    assert!(broken.contains("✗ act two has a stamp and everybody in the index"), "{broken}");
    assert!(run.stdout.contains("act one") && !broken.contains("act one"), "{broken}");
}
