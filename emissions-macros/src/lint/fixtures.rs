//! The fixtures without rustc: what the pure half of the lint returns, against the markers.
//!
//! A finding is decided: it must have a marker. A marker must have a finding or a probe that names its
//! rule, at its line and columns. What the probed type then says is for the compiler, which runs over the
//! same files in `tests/lint_corpus`.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::PathBuf};

use proc_macro2::{Group, Span, TokenStream};
use quote::ToTokens;
use syn::parse::Parser;

use super::{
    Reading,
    options::Options,
    read,
    report::Probe,
    rules::{RULES, Rule},
};
use crate::{args::Args, diag::Diagnostics, item::Function};

/// Rule, line and columns, one-based, end exclusive.
type Place = (usize, String, usize, usize);

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text_of(path: &str) -> String {
    let path = workspace().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the markers say: `//~ rule 9..13` on the line, `//~^` for the line above.
fn marked(text: &str) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        for marker in line.split("//~").skip(1) {
            let (line, marker) = match marker.strip_prefix('^') {
                Some(marker) => (index, marker),
                None => (index + 1, marker),
            };
            let (rule, columns) = marker.trim().split_once(' ').unwrap_or_default();
            let columns =
                columns.trim().split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
            let Some((from, to)) = columns else { panic!("line {line}: a marker is `//~ rule 9..13`") };
            places.insert((line, rule.to_owned(), from, to));
        }
    }
    places
}

fn place(rule: &Rule, first: Span, last: Span) -> Place {
    (first.start().line, rule.name.to_owned(), first.start().column + 1, last.end().column + 1)
}

/// What the lint says of a file: findings, and what probes may say.
#[derive(Default)]
struct Said {
    decided: BTreeSet<Place>,
    asked: BTreeSet<Place>,
    verdicts: BTreeSet<(&'static str, &'static str)>,
    /// First and last line of each function, by its name.
    functions: Vec<(String, usize, usize)>,
}

fn run(text: &str) -> Said {
    let file: TokenStream = text.parse().unwrap_or_else(|error| panic!("{error}"));
    let items =
        Parser::parse2(items, file).unwrap_or_else(|error| panic!("line {}: {error}", error.span().start().line));
    let mut said = Said::default();
    for Listener { arguments, function } in items {
        let diag = Diagnostics::new();
        let args = Args::parse(arguments, "on_event", Options::KEYS, &diag);
        let options = Options::read(&args, &diag);
        assert!(!diag.any(), "{}", diag.finish());
        let Reading { report, .. } =
            read(&function.signature, &function.body, &options).unwrap_or_else(|error| panic!("{error}"));
        for finding in &report.findings {
            let tokens: Vec<_> = finding.at.clone().into_iter().collect();
            let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { panic!("a finding is nowhere") };
            said.decided.insert(place(finding.rule, first.span(), last.span()));
        }
        for Probe { verdicts, span, .. } in &report.probes {
            for verdict in verdicts {
                said.asked.insert(place(verdict.rule, span.0, span.1));
                said.verdicts.insert((verdict.name, verdict.rule.name));
            }
        }
        let (first, last) = (function.signature.ident.span(), function.body.span_close());
        said.functions.push((function.signature.ident.to_string(), first.start().line, last.end().line));
    }
    said
}

struct Listener {
    arguments: TokenStream,
    function: Function,
}

/// The functions under `#[on_event]`; what else a fixture needs is passed over.
fn items(input: syn::parse::ParseStream<'_>) -> syn::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    while !input.is_empty() {
        let item: syn::Item = input.parse()?;
        let tokens = item.to_token_stream();
        let syn::Item::Fn(item) = item else { continue };
        let Some(attribute) = item.attrs.iter().find(|attribute| attribute.path().is_ident("on_event")) else {
            continue;
        };
        let arguments = match &attribute.meta {
            syn::Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        listeners.push(Listener { arguments, function: syn::parse2(tokens)? });
    }
    Ok(listeners)
}

/// What is wrong with a fixture; empty if nothing is.
fn faults(name: &str, text: &str) -> String {
    let (marked, said) = (marked(text), run(text));
    let mut faults = String::new();
    for (line, rule, from, to) in said.decided.difference(&marked) {
        let _ = writeln!(faults, "{name}.rs:{line}: no marker `//~ {rule} {from}..{to}`");
    }
    for marker in marked.iter().filter(|marker| !said.decided.contains(*marker) && !said.asked.contains(*marker)) {
        let (line, rule, from, to) = marker;
        let _ = writeln!(faults, "{name}.rs:{line}: no finding and no probe for `//~ {rule} {from}..{to}`");
    }
    for (function, fires) in [("bad", true), ("good", false), ("also_bad", true)] {
        match said.functions.iter().find(|(known, ..)| known == function) {
            None => {
                let _ = writeln!(faults, "{name}.rs: no function `{function}`");
            }
            Some((_, first, last)) => {
                let marks =
                    marked.iter().filter(|(line, rule, ..)| (first..=last).contains(&line) && rule == name).count();
                if (marks > 0) != fires {
                    let _ = writeln!(faults, "{name}.rs: `{function}` has {marks} markers of its rule");
                }
            }
        }
    }
    faults
}

#[test]
fn every_marker_has_its_finding_or_probe_at_its_columns() {
    let faults: String = RULES
        .iter()
        .map(|rule| faults(rule.name, &text_of(&format!("tests/lint_fixtures/{}.rs", rule.name))))
        .collect();
    assert!(faults.is_empty(), "{faults}");
}

/// Each verdict a probe asks for is a trait of the runtime crate that speaks for the same rule.
#[test]
fn verdicts_speak_for_the_rules_they_belong_to() {
    let text = text_of("emissions/src/lint/probe/verdict.rs");
    let mut spoken = BTreeSet::new();
    for verdict in text.split("\nverdict! {").skip(1) {
        let rule = verdict.split("message = \"emissions::").nth(1).and_then(|rest| rest.split(':').next());
        let name = verdict.lines().find_map(|line| line.trim().split_once(" accepts ")).map(|(name, _)| name);
        let (Some(rule), Some(name)) = (rule, name) else { panic!("a verdict of another form:\n{verdict}") };
        spoken.insert((name.to_owned(), rule.to_owned()));
    }
    let mut asked = BTreeSet::new();
    for rule in RULES {
        asked.extend(run(&text_of(&format!("tests/lint_fixtures/{}.rs", rule.name))).verdicts);
    }
    assert!(asked.len() > RULES.len(), "only {asked:?}");
    for (name, rule) in asked {
        assert!(spoken.contains(&(name.to_owned(), rule.to_owned())), "`{name}` does not speak for `{rule}`");
    }
}

/// The check itself can fail, in each of the ways it must.
#[test]
fn a_fixture_that_is_wrong_is_noticed() {
    let fixture = text_of("tests/lint_fixtures/detach_without_reason.rs");
    assert_eq!(faults("detach_without_reason", &fixture), "");
    for (from, to, fault) in [
        ("//~ detach_without_reason 16..18", "", "no marker `//~ detach_without_reason 16..18`"),
        ("16..22", "16..23", "no finding and no probe for `//~ detach_without_reason 16..23`"),
        ("16..18", "15..18", "no finding and no probe for `//~ detach_without_reason 15..18`"),
        (
            "detach_without_reason 16..22",
            "hidden_spawn 16..22",
            "no finding and no probe for `//~ hidden_spawn 16..22`",
        ),
        ("fn good", "fn better", "no function `good`"),
        (
            "save(event.order_id)); //~ detach_without_reason 16..18",
            "\n save(1)); //~^ detach_without_reason 16..18",
            "",
        ),
    ] {
        let wrong = fixture.replacen(from, to, 1);
        assert_ne!(wrong, fixture, "{from}");
        let faults = faults("detach_without_reason", &wrong);
        assert_eq!(fault.is_empty(), faults.is_empty(), "{from}: {faults}");
        assert!(faults.contains(fault), "{faults}");
    }
    // A probe counts for the rules it may speak for, at its own columns.
    let fixture = text_of("tests/lint_fixtures/forgotten_work.rs");
    let moved = fixture.replacen("//~ forgotten_work 9..13", "//~ forgotten_work 9..12", 1);
    assert!(faults("forgotten_work", &moved).contains("no finding and no probe"), "{moved}");
}

#[test]
fn a_body_that_cannot_be_read_has_no_report() {
    let signature = syn::parse_quote!(async fn listener());
    let body = Group::new(proc_macro2::Delimiter::Brace, "let = ;".parse().unwrap_or_default());
    assert!(read(&signature, &body, &Options::default()).is_err());
}
