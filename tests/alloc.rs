//! Allocations of one awaited emit, counted by the allocator of this binary: one, however many
//! listeners there are, as long as they are ready when first polled.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use emissions::{Emissions, Event, event, on_event};

/// What listeners write to.
#[derive(Default)]
struct Sum(AtomicU64);

macro_rules! listeners {
    ($event:ident $options:tt: $($name:ident)*) => {
        $(
            #[on_event $options]
            async fn $name(event: &$event, sum: &Sum) -> Result<(), std::fmt::Error> {
                sum.0.fetch_add(event.unit_count.into(), Relaxed);
                Ok(())
            }
        )*
    };
}

macro_rules! measured {
    ($($event:ident $wire:literal $options:tt: $($module:ident)*;)*) => {
        $(
            /// Measured.
            #[event(name = $wire)]
            struct $event {
                /// Units to add.
                unit_count: u32,
            }

            $(
                mod $module {
                    use std::sync::atomic::Ordering::Relaxed;

                    use emissions::on_event;

                    use super::{$event, Sum};

                    listeners!($event $options: a b c d e f g h i j);
                }
            )*
        )*
    };
}

/// Measured.
#[event(name = "one.measured")]
struct One {
    /// Units to add.
    unit_count: u32,
}

listeners!(One (): only);

measured! {
    Ten "ten.measured" (): ten;
    Hundred "hundred.measured" (): h0 h1 h2 h3 h4 h5 h6 h7 h8 h9;
    Limited "limited.measured" (timeout = "5s", concurrency = 4, retry(attempts = 3)): limited;
}

async fn start() -> Emissions {
    Emissions::builder().source("/alloc").provide(Sum::default()).start().await.expect("everything is provided")
}

/// Allocations of one emit and of dropping its gate, after one to warm up.
fn allocations<E: Event>(listeners: usize, event: impl Fn() -> E) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let emissions = start().await;
        let _ = emissions.emit_async(event()).await.expect("nobody fails");
        let mut report = None;
        // Polled once, and ready: the emit needs nothing of the runtime.
        let measured = allocation_counter::measure(|| {
            let emit = std::pin::pin!(emissions.emit_async(event()));
            report = futures::FutureExt::now_or_never(emit);
        });
        let gate = report.expect("everybody is ready when first polled").expect("nobody fails");
        assert_eq!(gate.report().len(), listeners);
        measured.count_total
    })
}

#[test]
fn an_emit_allocates_once_however_many_listen() {
    let measured = [
        allocations(1, || One { unit_count: 1 }),
        allocations(10, || Ten { unit_count: 1 }),
        allocations(100, || Hundred { unit_count: 1 }),
    ];
    assert_eq!(measured, [1, 1, 1]);
}

#[test]
fn options_of_a_listener_cost_no_allocation() {
    assert_eq!(allocations(10, || Limited { unit_count: 1 }), 1);
}
