//! Every rule has a page, a fixture and a pair of compile tests; fixtures say where each error stands.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use crate::{
    HEADER,
    krate::{Crate, Function, Verdicts, check_in_rounds},
};

/// The rules of the macro crate's table, by their files.
fn rules() -> BTreeSet<String> {
    let folder = root().join("emissions-macros/src/lint/rules");
    names(&folder, ".rs").into_iter().filter(|name| name != "mod").collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new(""))
}

fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
        .collect()
}

/// A file of the repository; empty if there is none.
fn file(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// What a rule lacks: its file and its line in the table, its page, its fixture, its pair of compile tests.
fn lacking(rule: &str, file: &dyn Fn(&str) -> String) -> Vec<&'static str> {
    let mut lacking = Vec::new();
    let mut ask = |holds: bool, what: &'static str| {
        if !holds {
            lacking.push(what);
        }
    };
    let own = file(&format!("emissions-macros/src/lint/rules/{rule}.rs"));
    ask(own.contains(&format!("name: \"{rule}\"")), "a file with its name");
    ask(own.starts_with(&format!("//! `{rule}`: ")), "a line that says what it is about");
    ask(file("emissions-macros/src/lint/rules/mod.rs").contains(&format!("&{rule}::RULE,")), "its place in the table");
    ask(file("docs/lint.md").contains(&format!("| `{rule}` | ")), "its row in the documentation");

    ask(file("emissions/src/lint/mod.rs").contains(&format!("    {rule},")), "a module for its page");
    let page = file(&format!("emissions/src/docs/lint/{rule}.md"));
    let parts = PARTS.map(|part| part_of(&page, part));
    let [why, flagged, instead, limits, opting_out] = &parts;
    ask(!page.starts_with('#') && !page.is_empty(), "what it flags, on its page");
    ask(!why.is_empty() && !limits.is_empty(), "why and its limits, on its page");
    ask(flagged.contains("```compile_fail"), "flagged code on its page");
    ask(instead.matches("```").count() >= 4, "code to write instead, in several forms, on its page");
    ask(!opting_out.is_empty(), "how to opt out, on its page");

    ask(file(&format!("tests/lint_fixtures/{rule}.rs")).contains(&format!("//~ {rule} ")), "a fixture with its marker");

    let [fires, said, opted_out] =
        ["fires.rs", "fires.stderr", "opted_out.rs"].map(|case| file(&format!("trybuild/lint/{rule}/{case}")));
    ask(!fires.is_empty(), "a compile test that fires");
    ask(
        said.lines().filter(|line| line.starts_with("error")).count() == 1
            && said.contains(&format!(": emissions::{rule}: ")),
        "the one error of its compile test",
    );
    ask(differs_in_its_attribute(&fires, &opted_out), "a compile test that is opted out of");
    lacking
}

/// The parts of a page, below what it flags.
const PARTS: [&str; 5] = ["# Why", "# Flagged", "# Instead", "# Limits", "# Opting out"];

/// The text below a heading, up to the next.
fn part_of<'t>(page: &'t str, heading: &str) -> &'t str {
    let below = page.split(&format!("\n{heading}\n")).nth(1).unwrap_or_default();
    // Not any `# `: hidden lines of examples start so.
    let end = PARTS.iter().filter_map(|part| below.find(&format!("\n{part}\n"))).min().unwrap_or(below.len());
    below[..end].trim()
}

/// Whether the attribute is all that two files differ in.
fn differs_in_its_attribute(left: &str, right: &str) -> bool {
    let attribute = |line: &str| line.starts_with("#[emissions::audited") || line.starts_with("#[on_event");
    let differing: Vec<_> = left.lines().zip(right.lines()).filter(|(left, right)| left != right).collect();
    left.lines().count() == right.lines().count()
        && matches!(&differing[..], [(left, right)] if attribute(left) && attribute(right))
}

#[test]
fn every_rule_has_a_file_a_page_a_fixture_and_a_pair_of_compile_tests() {
    let rules = rules();
    assert!(rules.len() >= 14);
    for rule in &rules {
        assert_eq!(lacking(rule, &file), [""; 0], "`{rule}`");
    }
    assert_eq!(rules, names(&root().join("tests/lint_fixtures"), ".rs"), "fixtures");
    assert_eq!(rules, names(&root().join("emissions/src/docs/lint"), ".md"), "pages");
    assert_eq!(rules, names(&root().join("trybuild/lint"), ""), "compile tests");
}

/// Whatever is taken away is missed.
#[test]
fn a_rule_that_lacks_something_is_noticed() {
    let rule = "forgotten_work";
    for path in [
        "emissions-macros/src/lint/rules/mod.rs",
        "emissions-macros/src/lint/rules/forgotten_work.rs",
        "docs/lint.md",
        "emissions/src/lint/mod.rs",
        "emissions/src/docs/lint/forgotten_work.md",
        "tests/lint_fixtures/forgotten_work.rs",
        "trybuild/lint/forgotten_work/fires.rs",
        "trybuild/lint/forgotten_work/fires.stderr",
        "trybuild/lint/forgotten_work/opted_out.rs",
    ] {
        let without = |asked: &str| if asked == path { String::new() } else { file(asked) };
        assert!(!lacking(rule, &without).is_empty(), "nobody misses {path}");
    }
    for part in PARTS.into_iter().chain(["```compile_fail"]) {
        let without = |asked: &str| {
            let text = file(asked);
            if asked.ends_with("docs/lint/forgotten_work.md") { text.replace(part, "") } else { text }
        };
        assert!(!lacking(rule, &without).is_empty(), "nobody misses `{part}`");
    }
}

/// Rule, line, and columns of every error in a fixture.
type Errors = BTreeSet<(usize, String, usize, usize)>;

/// What the markers of a fixture say: `//~ rule 9..13` on the line, `//~^` for the line above.
fn marked(text: &str) -> Errors {
    let mut errors = Errors::new();
    for (index, line) in text.lines().enumerate() {
        for marker in line.split("//~").skip(1) {
            let (line, marker) = match marker.strip_prefix('^') {
                Some(marker) => (index, marker),
                None => (index + 1, marker),
            };
            let mut words = marker.split_whitespace();
            let (Some(rule), Some(columns)) = (words.next(), words.next()) else {
                panic!("line {line}: a marker is `//~ rule 9..13`");
            };
            let (from, to) = columns.split_once("..").unwrap_or_else(|| panic!("line {line}: columns are `9..13`"));
            let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("line {line}: columns are numbers"));
            errors.insert((line, rule.to_owned(), number(from), number(to)));
        }
    }
    errors
}

fn found(verdicts: &Verdicts, rule: &str, first_line: usize) -> (Errors, String) {
    let mut errors = Errors::new();
    let mut foreign = String::new();
    for diagnostic in verdicts.get(rule).into_iter().flatten().filter(|diagnostic| !diagnostic.warning) {
        match diagnostic.message.strip_prefix("emissions::").and_then(|rest| rest.split(':').next()) {
            Some(name) => {
                let line = diagnostic.line - first_line;
                errors.insert((line, name.to_owned(), diagnostic.column, diagnostic.column_end));
            }
            None => {
                let _ = writeln!(foreign, "{}", diagnostic.rendered);
            }
        }
    }
    (errors, foreign)
}

#[test]
fn every_error_of_a_fixture_is_where_its_marker_says() {
    let mut functions = Vec::new();
    let mut texts = Vec::new();
    for rule in rules() {
        let text = fs::read_to_string(root().join(format!("tests/lint_fixtures/{rule}.rs"))).unwrap_or_default();
        functions.push(Function { id: rule.clone(), code: format!("mod {rule} {{ use super::*;\n{text}\n}}") });
        texts.push((rule, text));
    }
    let krate = Crate { name: "fixtures", edition: "2024", header: HEADER, clippy: false };
    let lengths: Vec<usize> = functions.iter().map(|function| function.code.lines().count()).collect();
    let mut line = crate::krate::lines_of_header(&krate) + 1;
    let verdicts = check_in_rounds(&krate, functions);
    let mut faults = String::new();
    for ((rule, text), length) in texts.into_iter().zip(lengths) {
        let (errors, foreign) = found(&verdicts, &rule, line);
        let marked = marked(&text);
        for (at, name, from, to) in errors.difference(&marked) {
            let _ = writeln!(faults, "{rule}.rs:{at}: no marker `//~ {name} {from}..{to}`");
        }
        for (at, name, from, to) in marked.difference(&errors) {
            let _ = writeln!(faults, "{rule}.rs:{at}: marker without an error: `//~ {name} {from}..{to}`");
        }
        assert!(errors.iter().any(|(_, name, ..)| *name == rule), "no fixture line fires `{rule}`\n{foreign}");
        faults.push_str(&foreign);
        line += length;
    }
    assert!(faults.is_empty(), "{faults}");
}
