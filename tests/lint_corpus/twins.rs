//! Twins: two bodies that differ in the one thing named, and so must the verdicts.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    ATTRIBUTE, HEADER,
    corpus::{self, Body},
    krate::{Crate, Function, check_in_rounds},
};

/// A body: of the corpus by its id, or written here.
#[derive(Clone, Copy)]
enum Side {
    Id(&'static str),
    Here(&'static str),
}

use Side::{Here, Id};

/// What is rejected, what is accepted, and the difference.
const TWINS: &[(Side, Side, &str)] = &[
    (Id("S001"), Id("A001"), "an await"),
    (Id("S019"), Here("ctx.emit(Shipped { id: ev.id }).await?;\nOk(())"), "an await"),
    (Id("S019"), Here("let sync = ctx;\nsync.emit(Shipped { id: ev.id })?;\nOk(())"), "sync instead of async"),
    (Id("S021"), Id("A091"), "an await"),
    (Id("S021"), Here("ctx.bus.send(ev.id)?;\nOk(())"), "the type of the channel"),
    (Id("S025"), Id("A005"), "an await before the discard"),
    (Id("S015"), Id("A031"), "the option goes through an adapter that is awaited"),
    (Id("S031"), Id("A093"), "the type of what `mem::drop` gets"),
    (Id("S023"), Id("A097"), "an await"),
    (Here("let _guard = ctx.state.lock();\nsave(ev.id).await"), Id("A097"), "an await"),
    (Id("S033"), Here("let (saved, told) = (save(ev.id), notify(ev.id));\nsaved.await?;\ntold.await"), "the wildcard"),
    (Id("S037"), Id("A055"), "polled to completion"),
    (Id("S041"), Id("A021"), "the shadowing value awaits the shadowed"),
    (
        Id("S043"),
        Here("let work = save(ev.id);\nlet outer = async move { work.await };\nouter.await"),
        "who drives the outer block",
    ),
    (Id("S049"), Id("A039"), "an await"),
    (Id("S057"), Id("A011"), "`and_then` for `map`"),
    (Id("S051"), Id("A049"), "driven"),
    (Id("S109"), Id("A047"), "driven"),
    (Id("S117"), Id("A043"), "driven"),
    (
        Id("S103"),
        Here("let permit = ctx.sem.clone().acquire_owned().await?;\npermit.forget();\nsave(ev.id).await"),
        "the type of the receiver",
    ),
    (Id("S055"), Id("A057"), "bound, then awaited when needed"),
    (Id("S061"), Id("A071"), "the blocking closure returns a value"),
    (Id("S101"), Id("A081"), "the thread is joined"),
    (Id("S063"), Id("A085"), "the helper awaits what the closure returns"),
    (Id("S077"), Id("A059"), "a join at the end"),
    (Id("S081"), Id("A069"), "a join at the end"),
    (Id("S085"), Id("A019"), "the inner call awaits"),
    (Id("S097"), Id("A087"), "the outer spawn is the tracked one"),
    (Id("S087"), Here("let run = save;\nrun(ev.id).await"), "what the function starts"),
    (Id("S105"), Id("A073"), "drained"),
    (Id("S107"), Id("A075"), "drained"),
    (Id("S111"), Id("A041"), "joined"),
    (Id("S113"), Id("A063"), "joined"),
    (Id("S115"), Id("A045"), "the loop variable is awaited"),
    (Id("S123"), Id("A025"), "every branch that holds work awaits"),
    (Id("S125"), Id("A025"), "every branch that holds work awaits"),
    (Id("S135"), Id("A067"), "every branch that holds work awaits"),
    (Id("S129"), Id("A023"), "leave first"),
    (Id("S131"), Id("A065"), "join before leaving"),
    (
        Id("S137"),
        Here(
            "let mut a = tokio::spawn(save(ev.id));\nlet mut b = tokio::spawn(notify(ev.id));\n\
             tokio::select! {\n    r = &mut a => { b.abort(); let _ = b.await; r? }\n    \
             r = &mut b => { a.abort(); let _ = a.await; r? }\n}",
        ),
        "who owns the loser",
    ),
];

#[test]
fn the_verdicts_of_twins_differ() {
    let bodies: BTreeMap<String, Body> = [corpus::read("visible/reject.txt"), corpus::read("visible/accept.txt")]
        .concat()
        .into_iter()
        .map(|body| (body.id.clone(), body))
        .collect();
    // Each side by itself, though others may share it: a pair is judged as a pair.
    let side = |number: usize, letter: char, side: Side| match side {
        Id(id) => {
            Body { id: format!("{letter}{number}"), ..bodies.get(id).unwrap_or_else(|| panic!("no {id}")).clone() }
        }
        Here(text) => {
            Body { id: format!("{letter}{number}"), title: String::new(), text: text.to_owned(), promises: 1 }
        }
    };
    let mut functions = Vec::new();
    for (number, (reject, accept, _)) in TWINS.iter().enumerate() {
        for body in [side(number, 'r', *reject), side(number, 'a', *accept)] {
            let code = corpus::listener(&body, ATTRIBUTE, &body.text) + &corpus::send_assertion(&body);
            functions.push(Function { id: body.id, code });
        }
    }
    let krate = Crate { name: "twins", edition: "2024", header: HEADER, clippy: false };
    let verdicts = check_in_rounds(&krate, functions);
    let mut faults = String::new();
    for (number, (_, _, difference)) in TWINS.iter().enumerate() {
        let errors = |letter: char| {
            let found = verdicts.get(&format!("{letter}{number}")).map(Vec::as_slice).unwrap_or_default();
            found.iter().filter(|found| !found.warning).collect::<Vec<_>>()
        };
        let (rejected, accepted) = (errors('r'), errors('a'));
        if rejected.is_empty() || !rejected.iter().all(|error| error.is_ours()) || !accepted.is_empty() {
            let _ = writeln!(faults, "pair {number} ({difference})\nrejected: {rejected:#?}\naccepted: {accepted:#?}");
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
