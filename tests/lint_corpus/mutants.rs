//! Accepted bodies, made wrong in the two ways that happen: an await less, and a way out more.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    ATTRIBUTE, HEADER,
    corpus::{self, Body},
    krate::{Crate, Function, check_in_rounds},
};

/// Every body with one `.await` less, once with and once without the `?`s behind it.
fn await_deletions(bodies: &[Body]) -> Vec<Body> {
    let mut mutants = Vec::new();
    for body in bodies {
        for (number, (at, word)) in body.text.match_indices(".await").enumerate() {
            let end = at + word.len();
            let marks = body.text[end..].chars().take_while(|letter| *letter == '?').count();
            let mut ends = vec![("k", end)];
            if marks > 0 {
                ends.push(("q", end + marks));
            }
            for (suffix, end) in ends {
                mutants.push(Body {
                    id: format!("{}_{number}{suffix}", body.id),
                    title: format!("await {number} deleted"),
                    text: format!("{}{}", &body.text[..at], &body.text[end..]),
                    promises: body.promises,
                });
            }
        }
    }
    mutants
}

/// Every body with a way out between two of its outermost statements.
fn early_returns(bodies: &[Body]) -> Vec<Body> {
    let mut mutants = Vec::new();
    for body in bodies {
        let lines: Vec<&str> = body.text.lines().collect();
        let mut depth = 0_i32;
        for (number, line) in lines.iter().enumerate() {
            let whole = depth == 0 && number > 0 && {
                let before = lines[number - 1].trim_end();
                before.ends_with(';') || before.ends_with('}')
            };
            if whole {
                let mut text = lines[..number].join("\n");
                let _ = write!(text, "\nif early() {{ return Ok(()); }}\n{}", lines[number..].join("\n"));
                mutants.push(Body {
                    id: format!("{}_{number}r", body.id),
                    title: format!("a return before line {}", number + 1),
                    text,
                    promises: body.promises,
                });
            }
            for letter in line.chars() {
                depth += match letter {
                    '(' | '[' | '{' => 1,
                    ')' | ']' | '}' => -1,
                    _ => 0,
                };
            }
        }
    }
    mutants
}

fn functions(bodies: &[Body], attribute: &str) -> Vec<Function> {
    bodies
        .iter()
        .map(|body| Function { id: body.id.clone(), code: corpus::listener(body, attribute, &body.text) })
        .collect()
}

/// Which of the mutants compile without the lint.
fn compiling(krate: &Crate<'_>, mutants: Vec<Body>) -> Vec<Body> {
    let verdicts = check_in_rounds(krate, functions(&mutants, ""));
    let broken: BTreeSet<&String> =
        verdicts.iter().filter(|(_, found)| found.iter().any(|found| !found.warning)).map(|(id, _)| id).collect();
    mutants.into_iter().filter(|mutant| !broken.contains(&mutant.id)).collect()
}

fn deletion(name: &str, file: &str) -> (usize, usize, usize) {
    let mutants = await_deletions(&corpus::read(file));
    let all = mutants.len();
    let krate = Crate { name, edition: "2024", header: HEADER, clippy: false };
    let mutants = compiling(&krate, mutants);
    let verdicts = check_in_rounds(&krate, functions(&mutants, ATTRIBUTE));
    let missed: Vec<&Body> = mutants
        .iter()
        .filter(|mutant| {
            !verdicts.get(&mutant.id).is_some_and(|found| found.iter().any(|found| !found.warning && found.is_ours()))
        })
        .collect();
    println!("{file}: {all} awaits deleted, {} compile, {} rejected", mutants.len(), mutants.len() - missed.len());
    let listing: String = missed.iter().map(|mutant| format!("{}\n{}\n\n", mutant.id, mutant.text)).collect();
    assert!(missed.is_empty(), "accepted with an await less:\n{listing}");
    (all, mutants.len(), mutants.len() - missed.len())
}

#[test]
fn a_deleted_await_is_noticed_in_the_visible_corpus() {
    assert_eq!(deletion("deleted-visible", "visible/accept.txt"), (101, 22, 22));
}

#[test]
fn a_deleted_await_is_noticed_in_our_own_corpus() {
    let (_, compile, rejected) = deletion("deleted-own", "own/accept.txt");
    assert_eq!(compile, rejected);
}

#[test]
fn an_early_return_is_rejected_where_work_is_pending() {
    let header = format!("{HEADER}fn early() -> bool {{ true }}\n");
    let krate = Crate { name: "returns", edition: "2024", header: &header, clippy: false };
    let bodies = [corpus::read("visible/accept.txt"), corpus::read("own/accept.txt")].concat();
    let mutants = early_returns(&bodies);
    let all = mutants.len();
    let mutants = compiling(&krate, mutants);
    let verdicts = check_in_rounds(&krate, functions(&mutants, ATTRIBUTE));
    let mut rejected: Vec<String> = Vec::new();
    for mutant in &mutants {
        let found = verdicts.get(&mutant.id).map(Vec::as_slice).unwrap_or_default();
        let foreign: Vec<_> = found.iter().filter(|found| !found.warning && !found.is_ours()).collect();
        assert!(foreign.is_empty(), "{}\n{}\n{foreign:?}", mutant.id, mutant.text);
        if found.iter().any(|found| !found.warning) {
            rejected.push(mutant.id.clone());
        }
    }
    println!("{all} ways out inserted, {} compile, {} rejected", mutants.len(), rejected.len());
    let expected: Vec<String> = include_str!("early_returns.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_whitespace().next().unwrap_or_default().to_owned())
        .collect();
    let wrongly: Vec<&String> = rejected.iter().filter(|id| !expected.contains(id)).collect();
    let missed: Vec<&String> = expected.iter().filter(|id| !rejected.contains(id)).collect();
    let show = |ids: &[&String]| -> String {
        mutants
            .iter()
            .filter(|mutant| ids.contains(&&mutant.id))
            .map(|mutant| format!("{}\n{}\n\n", mutant.id, mutant.text))
            .collect()
    };
    assert!(
        wrongly.is_empty() && missed.is_empty(),
        "rejected, but not in early_returns.txt:\n{}\nin early_returns.txt, but accepted:\n{}",
        show(&wrongly),
        show(&missed)
    );
}
