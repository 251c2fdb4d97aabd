//! Every reject body is rejected, on a line of its own and by the lint alone; no accept body is.

use std::fmt::Write as _;

use crate::{
    ATTRIBUTE, HEADER,
    corpus::{self, Body},
    krate::{Crate, Diagnostic, Function, Verdicts, check_in_rounds},
};

fn functions(bodies: &[Body], attribute: &str, send: bool) -> Vec<Function> {
    bodies
        .iter()
        .map(|body| Function {
            id: body.id.clone(),
            code: corpus::listener(body, attribute, &body.text)
                + &if send { corpus::send_assertion(body) } else { String::new() },
        })
        .collect()
}

/// The errors of the lint.
fn ours_of(found: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    found.iter().filter(|diagnostic| !diagnostic.warning && diagnostic.is_ours())
}

/// What is wrong with the verdicts; empty if nothing is.
fn faults(verdicts: &Verdicts, reject: &[Body], accept: &[Body]) -> String {
    let mut faults = String::new();
    let (mut caught, mut wrong) = (0, 0);
    for body in reject {
        let found = verdicts.get(&body.id).map(Vec::as_slice).unwrap_or_default();
        let ours: Vec<_> = ours_of(found).collect();
        caught += usize::from(!ours.is_empty());
        if ours.is_empty() {
            let _ = writeln!(faults, "{} is not rejected: {}\n{}\n", body.id, body.title, body.text);
        }
        if ours.len() > body.promises {
            let _ = writeln!(faults, "{} has {} errors for {}:", body.id, ours.len(), body.promises);
            for error in ours {
                let _ = writeln!(faults, "{}", error.rendered);
            }
        }
        for error in ours_of(found).filter(|error| error.rendered.contains("the full name for the type")) {
            let _ = writeln!(faults, "{} has a type too long for a terminal:\n{}\n", body.id, error.rendered);
        }
        for other in found.iter().filter(|diagnostic| !diagnostic.warning && !diagnostic.is_ours()) {
            let _ = writeln!(faults, "{} has another error: {}\n{}\n", body.id, body.title, other.rendered);
        }
    }
    for body in accept {
        let found = verdicts.get(&body.id).map(Vec::as_slice).unwrap_or_default();
        wrong += usize::from(found.iter().any(|diagnostic| !diagnostic.warning));
        for error in found.iter().filter(|diagnostic| !diagnostic.warning) {
            let _ = writeln!(faults, "{} is wrongly rejected: {}\n{}\n", body.id, body.title, error.rendered);
        }
    }
    for error in verdicts.get("").into_iter().flatten().filter(|diagnostic| !diagnostic.warning) {
        let _ = writeln!(faults, "an error that belongs to no body\n{}\n", error.rendered);
    }
    println!("rejected {caught} of {}, wrongly rejected {wrong} of {}", reject.len(), accept.len());
    faults
}

fn judge(name: &str, edition: &str, reject: &str, accept: &str) {
    let (reject, accept) = (corpus::read(reject), corpus::read(accept));
    let bodies = [reject.clone(), accept.clone()].concat();
    let krate = Crate { name, edition, header: HEADER, clippy: false };
    // Without the attribute every body compiles and is `Send`: otherwise it would prove nothing.
    let plain = krate.check(&functions(&bodies, "", true));
    let broken: String =
        plain.values().flatten().filter(|found| !found.warning).map(|found| found.rendered.clone()).collect();
    assert!(broken.is_empty(), "bodies that do not compile without the attribute:\n{broken}");

    let with_assertions = [functions(&reject, ATTRIBUTE, false), functions(&accept, ATTRIBUTE, true)];
    let verdicts = check_in_rounds(&krate, with_assertions.into_iter().flatten().collect());
    let faults = faults(&verdicts, &reject, &accept);
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn the_visible_corpus_edition_2024() {
    judge("visible-2024", "2024", "visible/reject.txt", "visible/accept.txt");
}

#[test]
fn the_visible_corpus_edition_2021() {
    judge("visible-2021", "2021", "visible/reject.txt", "visible/accept.txt");
}

#[test]
fn our_own_corpus() {
    judge("own-2024", "2024", "own/reject.txt", "own/accept.txt");
}

/// For bodies that are not ours yet: `EMISSIONS_LINT_BODIES` names a folder with a `reject.txt` and an `accept.txt`.
#[test]
#[ignore = "judges bodies of your own"]
fn bodies_from_elsewhere() {
    let folder = std::env::var("EMISSIONS_LINT_BODIES").expect("a folder in EMISSIONS_LINT_BODIES");
    judge("elsewhere", "2024", &format!("{folder}/reject.txt"), &format!("{folder}/accept.txt"));
}
