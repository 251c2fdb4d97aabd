//! What the lint costs: `cargo check` of 200 listeners with it and without.

use std::time::{Duration, Instant};

use crate::{
    ATTRIBUTE, HEADER,
    corpus::{self, Body},
    krate::{Crate, Function},
};

const FUNCTIONS: usize = 200;
const ROUNDS: usize = 5;

/// Time on the wall, and processor time of the compiler where the system tells it: others may use the machine.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    processor: Option<Duration>,
}

impl Cost {
    const MOST: Self = Self { wall: Duration::MAX, processor: None };

    fn of(work: impl FnOnce()) -> Self {
        let (before, start) = (processor_time(), Instant::now());
        work();
        let wall = start.elapsed();
        let processor = processor_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        Self { wall, processor }
    }

    fn least(self, other: Self) -> Self {
        let processor = self.processor.into_iter().chain(other.processor).min();
        Self { wall: self.wall.min(other.wall), processor }
    }
}

/// Of the children that have ended, in Linux's hundredths of a second.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = [13, 14].iter().map(|field| fields.get(*field)?.parse::<u64>().ok()).sum::<Option<_>>()?;
    Some(Duration::from_millis(ticks * 10))
}

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
        Cost::of(|| {
            let verdicts = krate.check(functions);
            assert!(verdicts.values().flatten().all(|found| found.warning), "the functions compile");
        })
    };
    let (mut on, mut off) = (Cost::MOST, Cost::MOST);
    for round in 0..=ROUNDS {
        let (with, without) = (measure("cost-with", &with, round), measure("cost-without", &without, round));
        // The first round builds the dependencies.
        if round > 0 {
            on = on.least(with);
            off = off.least(without);
            println!("round {round}: {:.2?} with, {:.2?} without", with.wall, without.wall);
        }
    }
    let mut ratio = on.wall.as_secs_f64() / off.wall.as_secs_f64();
    println!(
        "cargo check of {FUNCTIONS} listeners: {:.2?} with the lint, {:.2?} without, ratio {ratio:.2}",
        on.wall, off.wall
    );
    if let (Some(on), Some(off)) = (on.processor, off.processor) {
        // What others do on the machine changes it least.
        ratio = on.as_secs_f64() / off.as_secs_f64();
        println!("processor time: {on:.2?} with, {off:.2?} without, ratio {ratio:.2}");
    }
    assert!(ratio <= 1.3, "the lint costs more than it may");
}
