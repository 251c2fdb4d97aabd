//! What the lint costs: `cargo check` of 200 listeners with it and without.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    ATTRIBUTE, HEADER,
    corpus::{self, Body},
    krate::{Crate, Function, room},
};

const FUNCTIONS: usize = 200;
const ROUNDS: usize = 9;

/// What something takes: processor time of the compiler where the system tells it, for others may use the machine.
fn time_of(work: impl FnOnce()) -> Duration {
    let (before, start) = (processor_time(), Instant::now());
    work();
    let wall = start.elapsed();
    processor_time().zip(before).map_or(wall, |(after, before)| after.saturating_sub(before))
}

/// Of the children that have ended, in Linux's hundredths of a second.
fn processor_time() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
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

fn krate<'a>(name: &'a str, header: &'a str) -> Crate<'a> {
    Crate { name, edition: "2024", header, clippy: false }
}

/// How many instructions the compiler takes for the crate, if valgrind is there to count them: the same number
/// again and again, whatever else the machine is doing.
fn instructions(krate: &Crate<'_>) -> Option<u64> {
    Command::new("valgrind").arg("--version").output().ok().filter(|output| output.status.success())?;
    let (script, log) = (room().join("count.sh"), room().join(format!("{}.count", krate.name)));
    let count = format!(
        "#!/bin/sh\nexec valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null --log-file={log:?} \"$@\"\n"
    );
    fs::write(&script, count).ok()?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).ok()?;
    krate.check_under(&script);
    let log = fs::read_to_string(log).ok()?;
    let refs = log.lines().find_map(|line| line.split_once("refs:"))?.1;
    refs.trim().replace(',', "").parse().ok()
}

/// Run by `benches/lint_cost.sh`; a measurement has no place among tests that run beside each other.
///
/// The median of the rounds is judged, for on a machine that others use the times of one and the same compilation
/// differ by half from one run to the next; and where valgrind is there, the instructions are as well.
#[test]
#[ignore = "a measurement"]
fn cost() {
    let sorts =
        [("cost-with", functions(ATTRIBUTE)), ("cost-without", functions(ATTRIBUTE)), ("cost-plain", functions(""))];
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let header = format!("// Round {round}.\n{HEADER}");
        let costs = sorts.each_ref().map(|(name, functions)| {
            time_of(|| {
                let verdicts = krate(name, &header).check(functions);
                assert!(verdicts.values().flatten().all(|found| found.warning), "the functions compile");
            })
        });
        // The first round builds the dependencies.
        if round > 0 {
            rounds.push(costs);
        }
    }
    let [with, without, plain] = [0, 1, 2].map(|sort| rounds.iter().map(|costs| costs[sort]).min().unwrap_or_default());
    let mut ratios: Vec<f64> =
        rounds.iter().map(|[with, without, _]| with.as_secs_f64() / without.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    println!(
        "cargo check of {FUNCTIONS} listeners, best of {ROUNDS} rounds: {with:.2?} with the lint, {without:.2?} without, \
         {plain:.2?} as functions that are no listeners"
    );
    println!("with the lint over without, by round: median {median:.2}, of {ratios:.2?}");
    let count = |sort: usize| instructions(&krate(sorts[sort].0, HEADER));
    assert!(median <= 1.3, "the lint costs more than it may");
    if let (Some(with), Some(without)) = (count(0), count(1)) {
        #[expect(clippy::cast_precision_loss, reason = "a ratio of two numbers that are far smaller")]
        let ratio = with as f64 / without as f64;
        println!("instructions: {with} with, {without} without, ratio {ratio:.3}");
        assert!(ratio <= 1.3, "the lint costs more than it may");
    }
}
