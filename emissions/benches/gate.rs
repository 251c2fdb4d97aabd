//! `emit_async` with listeners that are ready at once, against what one would write by hand: a `Vec`
//! of boxed futures and `join_all`. And `emit`, the hand-over to the local queue.
//!
//! Ends with a table of ratios from rounds in which both sides take turns, so that a change of the
//! machine's speed meets both. `cargo bench -p emissions --bench gate`

use std::{
    hint::black_box,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion};
use emissions::{Emissions, Event, event, on_event};
use futures_util::future::join_all;
use tokio::runtime::Runtime;

/// What listeners do: as little as they can, with a dependency.
#[derive(Default)]
struct Seen(AtomicU64);

impl Seen {
    fn note(&self, number: u64) {
        self.0.fetch_add(number, Relaxed);
    }
}

#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

macro_rules! listeners {
    ($event:ident: $($name:ident)*) => {
        $(
            #[on_event]
            async fn $name(event: &$event, seen: &Seen) -> Result<(), Refused> {
                seen.note(event.units_count);
                Ok(())
            }
        )*
    };
}

macro_rules! ten {
    ($event:ident: $($module:ident)*) => {
        $(
            mod $module {
                use emissions::on_event;
                use super::{$event, Refused, Seen};

                listeners!($event: a b c d e f g h i j);
            }
        )*
    };
}

macro_rules! measured {
    ($($name:ident $wire:literal;)*) => {
        $(
            /// Measured.
            #[event(name = $wire)]
            struct $name {
                /// Units that were packed.
                #[field(string)]
                units_count: u64,
            }

            impl Units for $name {
                fn new(units_count: u64) -> Self {
                    Self { units_count }
                }

                fn units(&self) -> u64 {
                    self.units_count
                }
            }
        )*
    };
}

measured! {
    OnePacked "one.packed";
    TenPacked "ten.packed";
    HundredPacked "hundred.packed";
}

listeners!(OnePacked: only);
ten!(TenPacked: ten);
ten!(HundredPacked: h0 h1 h2 h3 h4 h5 h6 h7 h8 h9);

trait Units: Send + Sync + 'static {
    fn new(units_count: u64) -> Self;
    fn units(&self) -> u64;
}

type Boxed<'a> = Pin<Box<dyn Future<Output = Result<(), Refused>> + Send + 'a>>;
type Handler<E> = Box<dyn for<'a> Fn(&'a E, &'a Seen) -> Boxed<'a> + Send + Sync>;

async fn handle<E: Units>(event: &E, seen: &Seen) -> Result<(), Refused> {
    seen.note(event.units());
    Ok(())
}

/// What one would write without the library: no report, no id, no isolation of panics.
async fn by_hand<E>(handlers: &[Handler<E>], event: E, seen: &Seen) -> Result<(), Vec<Refused>> {
    let futures: Vec<Boxed<'_>> = handlers.iter().map(|handler| handler(&event, seen)).collect();
    let failures: Vec<Refused> = join_all(futures).await.into_iter().filter_map(Result::err).collect();
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

fn boxed<'a, E: Units>(event: &'a E, seen: &'a Seen) -> Boxed<'a> {
    Box::pin(handle(event, seen))
}

fn handlers<E: Units>(listeners: usize) -> Vec<Handler<E>> {
    (0..listeners).map(|_| Box::new(boxed::<E>) as Handler<E>).collect()
}

async fn start(seen: &Arc<Seen>) -> Emissions {
    let emissions =
        Emissions::builder().source("/bench").provide_arc(Arc::clone(seen)).queue_capacity(1 << 20).start().await;
    emissions.expect("everything is provided")
}

/// Median time of one call on each side, in nanoseconds, and the median of their ratios.
async fn duel<E: Units + Event>(emissions: &Emissions, seen: &Seen, listeners: usize) -> [f64; 3] {
    let handlers = handlers::<E>(listeners);
    let calls: u32 = if listeners >= 100 { 200 } else { 2_000 };
    let mut rounds = Vec::new();
    for _ in 0..301 {
        let began = Instant::now();
        for units in 0..calls {
            black_box(by_hand(&handlers, E::new(units.into()), seen).await.is_ok());
        }
        let hand = began.elapsed().as_secs_f64();
        let began = Instant::now();
        for units in 0..calls {
            black_box(emissions.emit_async(E::new(units.into())).await.is_ok());
        }
        let gate = began.elapsed().as_secs_f64();
        rounds.push([hand * 1e9 / f64::from(calls), gate * 1e9 / f64::from(calls), gate / hand]);
    }
    let median = |side: usize| {
        let mut values: Vec<f64> = rounds.iter().map(|round| round[side]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    [median(0), median(1), median(2)]
}

fn table(runtime: &Runtime) {
    let seen = Arc::new(Seen::default());
    let emissions = runtime.block_on(start(&seen));
    println!("\n{:>10} {:>12} {:>12} {:>7}", "listeners", "by hand", "emit_async", "ratio");
    runtime.block_on(async {
        for (listeners, [hand, gate, ratio]) in [
            (1, duel::<OnePacked>(&emissions, &seen, 1).await),
            (10, duel::<TenPacked>(&emissions, &seen, 10).await),
            (100, duel::<HundredPacked>(&emissions, &seen, 100).await),
        ] {
            println!("{listeners:>10} {hand:>9.0} ns {gate:>9.0} ns {ratio:>7.2}");
        }
    });
}

fn emit_async(criterion: &mut Criterion, runtime: &Runtime) {
    fn pair<E: Units + Event>(criterion: &mut Criterion, runtime: &Runtime, listeners: usize) {
        let seen = Arc::new(Seen::default());
        let emissions = runtime.block_on(start(&seen));
        let handlers = handlers::<E>(listeners);
        let mut group = criterion.benchmark_group("gate");
        group.bench_function(BenchmarkId::new("by_hand", listeners), |bencher| {
            bencher.to_async(runtime).iter(|| by_hand(&handlers, E::new(1), &seen));
        });
        group.bench_function(BenchmarkId::new("emit_async", listeners), |bencher| {
            bencher.to_async(runtime).iter(|| emissions.emit_async(E::new(1)));
        });
    }

    pair::<OnePacked>(criterion, runtime, 1);
    pair::<TenPacked>(criterion, runtime, 10);
    pair::<HundredPacked>(criterion, runtime, 100);
}

/// Batches of 1,000 into an empty queue; what the workers do meanwhile is theirs.
fn emit(criterion: &mut Criterion, runtime: &Runtime) {
    let seen = Arc::new(Seen::default());
    let emissions = runtime.block_on(start(&seen));
    let idle = async |emissions: &Emissions| {
        while emissions.counters().in_flight > 0 {
            tokio::task::yield_now().await;
        }
    };
    criterion.bench_function("emit", |bencher| {
        bencher.iter_custom(|iterations| {
            runtime.block_on(async {
                let mut spent = Duration::ZERO;
                for _ in 0..iterations.div_ceil(1_000) {
                    let began = Instant::now();
                    for units in 0..1_000 {
                        black_box(emissions.emit(OnePacked::new(units)).is_ok());
                    }
                    spent += began.elapsed();
                    idle(&emissions).await;
                }
                spent
            })
        });
    });
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    emit_async(&mut criterion, &runtime);
    emit(&mut criterion, &runtime);
    criterion.final_summary();
    table(&runtime);
}
