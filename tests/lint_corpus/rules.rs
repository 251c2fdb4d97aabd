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

#[test]
fn every_rule_has_a_page_a_fixture_and_a_pair_of_compile_tests() {
    let rules = rules();
    assert_eq!(rules.len(), 14);
    let table = fs::read_to_string(root().join("emissions-macros/src/lint/rules/mod.rs")).unwrap_or_default();
    let pages = fs::read_to_string(root().join("emissions/src/lint/mod.rs")).unwrap_or_default();
    for rule in &rules {
        assert!(table.contains(&format!("&{rule}::RULE,")), "`{rule}` is not in the table");
        assert!(pages.contains(&format!("    {rule},")), "`{rule}` has no module for its page");
        let page = fs::read_to_string(root().join(format!("emissions/src/docs/lint/{rule}.md"))).unwrap_or_default();
        for part in ["# Why", "# Flagged", "# Instead", "# Limits", "# Opting out"] {
            assert!(page.contains(part), "the page of `{rule}` has no part `{part}`");
        }
        for case in ["fires.rs", "fires.stderr", "accepted.rs"] {
            assert!(root().join(format!("trybuild/lint/{rule}/{case}")).exists(), "`{rule}` has no {case}");
        }
    }
    assert_eq!(rules, names(&root().join("tests/lint_fixtures"), ".rs"), "fixtures");
    assert_eq!(rules, names(&root().join("emissions/src/docs/lint"), ".md"), "pages");
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
