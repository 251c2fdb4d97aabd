//! What the lint costs: `cargo check` of 200 listeners with it and without.

use std::time::{Duration, Instant};

use crate::{
    ATTRIBUTE, HEADER,
    corpus::{self, Body},
    krate::{Crate, Function},
};

const FUNCTIONS: usize = 200;
const ROUNDS: usize = 3;

fn functions(attribute: &str) -> Vec<Function> {
    let bodies = [corpus::read("visible/accept.txt"), corpus::read("own/accept.txt")].concat();
    bodies
        .iter()
        .cycle()
        .take(FUNCTIONS)
        .enumerate()
        .map(|(number, body)| {
            let body = Body { id: format!("{}_{number}", body.id), ..body.clone() };
            Function { id: body.id.clone(), code: corpus::listener(&body, attribute, &body.text) }
        })
        .collect()
}

/// Run by `benches/lint_cost.sh`; a measurement has no place among tests that run beside each other.
#[test]
#[ignore = "a measurement"]
fn cost() {
    let (with, without) = (functions(ATTRIBUTE), functions(ATTRIBUTE));
    let measure = |name: &str, functions: &[Function], round: usize| {
        let header = format!("// Round {round}.\n{HEADER}");
        let krate = Crate { name, edition: "2024", header: &header, clippy: false };
        let start = Instant::now();
        let verdicts = krate.check(functions);
        assert!(verdicts.values().flatten().all(|found| found.warning), "the functions compile");
        start.elapsed()
    };
    let (mut on, mut off) = (Duration::MAX, Duration::MAX);
    for round in 0..=ROUNDS {
        let (with, without) = (measure("cost-with", &with, round), measure("cost-without", &without, round));
        // The first round builds the dependencies.
        if round > 0 {
            on = on.min(with);
            off = off.min(without);
            println!("round {round}: {with:.2?} with, {without:.2?} without");
        }
    }
    let ratio = on.as_secs_f64() / off.as_secs_f64();
    println!("cargo check of {FUNCTIONS} listeners: {on:.2?} with the lint, {off:.2?} without, ratio {ratio:.2}");
    assert!(ratio <= 1.3, "the lint costs more than it may");
}
