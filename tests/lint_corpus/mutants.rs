//! Accepted bodies, made wrong in the two ways that happen: an await less, and a way out more.

use std::{collections::BTreeSet, fmt::Write as _, sync::LazyLock};

use crate::{
    ATTRIBUTE, HEADER,
    corpus::{self, Body},
    krate::{Crate, Diagnostic, Function, check_in_rounds},
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

/// The visible corpus, and every third body of our own: all of them take longer than a test may.
fn sample() -> Vec<Body> {
    let own = corpus::read("own/accept.txt").into_iter().step_by(3);
    corpus::read("visible/accept.txt").into_iter().chain(own).collect()
}

fn functions(bodies: &[&Body], attribute: &str) -> Vec<Function> {
    bodies
        .iter()
        .map(|body| Function { id: body.id.clone(), code: corpus::listener(body, attribute, &body.text) })
        .collect()
}

/// A mutant that compiles without the lint, and what is said of it with the lint.
struct Judged {
    mutant: Body,
    ours: bool,
    foreign: Vec<String>,
}

/// What became of all mutants of one kind.
struct Outcome {
    all: usize,
    compiling: Vec<Judged>,
}

impl Outcome {
    fn rejected(&self) -> impl Iterator<Item = &Judged> {
        self.compiling.iter().filter(|judged| judged.ours)
    }

    fn show<'j>(judged: impl Iterator<Item = &'j Judged>) -> String {
        judged.map(|judged| format!("{}\n{}\n\n", judged.mutant.id, judged.mutant.text)).collect()
    }
}

/// All mutants of a kind are functions of one crate, which is checked without the lint and with it.
fn judge<const N: usize>(name: &str, sorts: [Vec<Body>; N]) -> [Outcome; N] {
    let header = format!("{HEADER}fn early() -> bool {{ true }}\n");
    let krate = Crate { name, edition: "2024", header: &header, clippy: false };
    let all: Vec<&Body> = sorts.iter().flatten().collect();
    let plain = check_in_rounds(&krate, functions(&all, ""));
    let compiles = |mutant: &Body| !plain.get(&mutant.id).is_some_and(|found| found.iter().any(|found| !found.warning));
    let compiling: Vec<&Body> = all.into_iter().filter(|mutant| compiles(mutant)).collect();
    let checked = check_in_rounds(&krate, functions(&compiling, ATTRIBUTE));
    let judge = |mutant: &Body| {
        let errors = || checked.get(&mutant.id).into_iter().flatten().filter(|found| !found.warning);
        Judged {
            mutant: mutant.clone(),
            ours: errors().any(Diagnostic::is_ours),
            foreign: errors().filter(|found| !found.is_ours()).map(|found| found.rendered.clone()).collect(),
        }
    };
    sorts.each_ref().map(|mutants| Outcome {
        all: mutants.len(),
        compiling: mutants.iter().filter(|mutant| compiles(mutant)).map(judge).collect(),
    })
}

/// An await less: in the visible corpus, and in our own.
static DELETIONS: LazyLock<[Outcome; 2]> = LazyLock::new(|| {
    judge("deletions", ["visible/accept.txt", "own/accept.txt"].map(|file| await_deletions(&corpus::read(file))))
});

/// How many awaits were deleted, how many of the mutants compile, how many of these are rejected.
fn deletion(file: &str, outcome: &Outcome) -> (usize, usize, usize) {
    let (compile, rejected) = (outcome.compiling.len(), outcome.rejected().count());
    println!("{file}: {} awaits deleted, {compile} compile, {rejected} rejected", outcome.all);
    let missed = Outcome::show(outcome.compiling.iter().filter(|judged| !judged.ours));
    assert!(missed.is_empty(), "accepted with an await less:\n{missed}");
    (outcome.all, compile, rejected)
}

#[test]
fn a_deleted_await_is_noticed_in_the_visible_corpus() {
    assert_eq!(deletion("visible/accept.txt", &DELETIONS[0]), (101, 22, 22));
}

#[test]
fn a_deleted_await_is_noticed_in_our_own_corpus() {
    let (_, compile, rejected) = deletion("own/accept.txt", &DELETIONS[1]);
    assert_eq!(compile, rejected);
}

#[test]
fn an_early_return_is_rejected_where_work_is_pending() {
    early_return("returns", &sample());
}

#[test]
#[ignore = "takes minutes: the same over every body"]
fn an_early_return_anywhere_is_rejected_where_work_is_pending() {
    let all = [corpus::read("visible/accept.txt"), corpus::read("own/accept.txt")].concat();
    early_return("all-returns", &all);
}

fn early_return(name: &str, bodies: &[Body]) {
    let [outcome] = judge(name, [early_returns(bodies)]);
    for Judged { mutant, foreign, .. } in &outcome.compiling {
        assert!(foreign.is_empty(), "{}\n{}\n{foreign:?}", mutant.id, mutant.text);
    }
    println!(
        "{} ways out inserted, {} compile, {} rejected",
        outcome.all,
        outcome.compiling.len(),
        outcome.rejected().count()
    );
    let expected: BTreeSet<&str> = include_str!("early_returns.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|id| bodies.iter().any(|body| id.rsplit_once('_').is_some_and(|(of, _)| of == body.id)))
        .collect();
    let known: BTreeSet<&str> = outcome.compiling.iter().map(|judged| judged.mutant.id.as_str()).collect();
    let gone: Vec<_> = expected.difference(&known).collect();
    assert!(gone.is_empty(), "in early_returns.txt, and no such mutant compiles: {gone:?}");
    let is_expected = |judged: &&Judged| expected.contains(judged.mutant.id.as_str());
    let wrongly = Outcome::show(outcome.rejected().filter(|judged| !is_expected(judged)));
    let missed = Outcome::show(outcome.compiling.iter().filter(|judged| !judged.ours).filter(is_expected));
    assert!(
        wrongly.is_empty() && missed.is_empty(),
        "rejected, but not in early_returns.txt:\n{wrongly}\nin early_returns.txt, but accepted:\n{missed}"
    );
}
