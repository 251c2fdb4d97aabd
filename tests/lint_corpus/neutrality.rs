//! What the compiler and clippy have to say of accepted bodies is the same with the lint and without.
//!
//! Size, auto traits and the order of drops are in `tests/neutral`.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    ATTRIBUTE, HEADER,
    corpus::{self, Body},
    krate::{Crate, Function, Verdicts},
};

/// More bodies that have something to warn of, at a place.
const WARNED: &[(&str, &str)] = &[
    ("unused_struct", "guard(1);\n_ = guard(2);\nlet _ = guard(3);\nOk(())"),
    ("unused_struct_in_a_loop", "for _ in [1, 2] {\n    guard(1);\n}\nOk(())"),
    ("unused_in_an_arm", "match ev.id {\n    0 => { guard(1); }\n    _ => drop(guard(2)),\n}\nOk(())"),
    ("unused_variable", "let number = ev.id + 1;\nlet mut text = String::new();\nOk(())"),
    ("unused_assignment", "let mut work = save(1);\nwork.await?;\nwork = save(2);\nwork.await"),
    ("unreachable", "save(ev.id).await?;\nreturn Ok(());\nsave(1).await"),
    ("needless", "let text = format!(\"saved\");\nlog(&text.clone());\nreturn save(ev.id).await;"),
    ("in_a_closure", "ev.ids.iter().for_each(|id| { guard(*id); });\nOk(())"),
    ("in_a_select", "tokio::select! {\n    _ = sleep(SEC) => { guard(1); }\n    r = save(1) => r?,\n}\nOk(())"),
    (
        "wildcard_loop",
        "for _ in vec![1, 2].into_iter() {\n    save(1).await?;\n}\nfor _ in [boxed(1).await] {\n    log(\"once\");\n}\nOk(())",
    ),
];

/// What gets lost, since a probe stands between: hints on a value that is thrown away at once.
const LOST: &[(&str, &str, &str)] = &[
    ("constructed", "Guard(1);\nOk(())", "statement with no effect"),
    ("must_use_function", "computed(1);\nOk(())", "unused return value of `computed` that must be used"),
];

/// The same in bodies of the corpus: a hint that looks at a statement, or at a `let` and the tail
/// behind it, and finds a probe between.
const LOST_IN_THE_CORPUS: &[(&str, &str)] = &[
    ("B822", "called `map(f)` on an `Option` value"),
    ("B825", "useless use of `vec!`"),
    ("B838", "returning the result of a `let` binding"),
    ("B865", "returning the result of a `let` binding"),
    ("B920", "you seem to be trying to use `match` for destructuring"),
    ("B963", "unused return value of `std::clone::Clone::clone`"),
    ("B988", "returning the result of a `let` binding"),
];

fn functions(bodies: &[Body], attribute: &str) -> Vec<Function> {
    bodies
        .iter()
        .map(|body| Function { id: body.id.clone(), code: corpus::listener(body, attribute, &body.text) })
        .collect()
}

type Said = BTreeSet<(String, usize, usize, usize)>;

fn said(verdicts: &Verdicts, id: &str) -> Said {
    verdicts
        .get(id)
        .into_iter()
        .flatten()
        .map(|found| (found.message.clone(), found.line, found.column, found.column_end))
        .collect()
}

fn judge(edition: &str) {
    let all = "unused_imports, unused_variables, unused_mut, unused_assignments, unreachable_code, dead_code";
    let header = HEADER.replace(all, "unused_imports, dead_code")
        + "#[must_use]\nstruct Guard(u64);\nfn guard(id: u64) -> Guard { Guard(id) }\n\
             #[must_use]\nfn computed(id: u64) -> u64 { id }\n";
    let mut bodies = [corpus::read("visible/accept.txt"), corpus::read("own/accept.txt")].concat();
    // A `let` in a chain of conditions is an error before 2024.
    let chained = |line: &str| line.contains("let ") && line.contains("&& ") || line.trim_start().starts_with("&& ");
    bodies.retain(|body| edition == "2024" || !body.text.lines().any(chained));
    let more = WARNED.iter().copied().chain(LOST.iter().map(|(id, text, _)| (*id, *text)));
    bodies.extend(more.map(|(id, text)| Body {
        id: id.to_owned(),
        title: String::new(),
        text: text.to_owned(),
        promises: 1,
    }));
    let krate = Crate { name: &format!("warnings-{edition}"), edition, header: &header, clippy: true };
    let (plain, checked) = (krate.check(&functions(&bodies, "")), krate.check(&functions(&bodies, ATTRIBUTE)));
    let (mut faults, mut warnings) = (String::new(), 0);
    for body in &bodies {
        let (mut plain, checked) = (said(&plain, &body.id), said(&checked, &body.id));
        if let Some((_, _, lost)) = LOST.iter().find(|(id, ..)| *id == body.id) {
            let before = plain.len();
            plain.retain(|(message, ..)| message != lost);
            assert_eq!(plain.len() + 1, before, "`{lost}` is not said of {}", body.id);
        }
        if let Some((_, lost)) = LOST_IN_THE_CORPUS.iter().find(|(id, _)| *id == body.id) {
            plain.retain(|(message, ..)| !message.starts_with(lost));
        }
        warnings += plain.len();
        if plain != checked {
            let lost: Vec<_> = plain.difference(&checked).collect();
            let new: Vec<_> = checked.difference(&plain).collect();
            let _ = writeln!(faults, "{}\nlost {lost:#?}\nnew {new:#?}\n{}\n", body.id, body.text);
        }
    }
    println!("edition {edition}: {warnings} warnings of {} bodies", bodies.len());
    assert!(faults.is_empty(), "{faults}");
    for (id, _) in WARNED {
        assert!(!said(&plain, id).is_empty(), "nothing is said of {id}");
    }

    // What is clean, but for names it has no use for, stays so where warnings are errors.
    bodies.retain(|body| said(&plain, &body.id).iter().all(|(message, ..)| message.starts_with("unused variable")));
    assert!(bodies.len() > 100, "only {}", bodies.len());
    let header = header.replacen("#![allow(", "#![deny(warnings)]\n#![allow(unused_variables, ", 1);
    let krate = Crate { header: &header, ..krate };
    let denied = krate.check(&functions(&bodies, ATTRIBUTE));
    let errors: String =
        bodies.iter().filter_map(|body| denied.get(&body.id)).flatten().map(|found| found.rendered.as_str()).collect();
    assert!(errors.is_empty(), "{errors}");
}

#[test]
fn warnings_are_the_same_in_edition_2021() {
    judge("2021");
}

#[test]
fn warnings_are_the_same_in_edition_2024() {
    judge("2024");
}
