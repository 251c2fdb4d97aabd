//! `Buffer::emit` against the push of a boxed value, in one run: the target is a factor of three.
//!
//! Both make and drop what they hold, so that they find the allocator in the same state; the start and
//! the end of the buffer are shared by its events.
//!
//! With its bytes limited (`Builder::buffer_bytes`) an emit also counts the size of the payload as JSON; what writing
//! the JSON would cost stands beside it.

use std::{any::Any, hint::black_box};

use criterion::{Criterion, criterion_group, criterion_main};
use emissions::{Emissions, event, on_event};

/// An order was placed.
#[event(name = "order.placed")]
struct OrderPlaced {
    /// Order that was placed.
    order_id: u64,
    /// Who has placed it.
    customer_email: String,
    /// Sum of all lines.
    total_cents: u64,
}

#[on_event]
async fn confirm(event: &OrderPlaced) {
    black_box(event.order_id);
}

fn placed(order_id: u64) -> OrderPlaced {
    OrderPlaced { order_id, customer_email: "somebody@example.org".to_owned(), total_cents: 1999 }
}

/// Events per unit of work.
const EVENTS: u64 = 100;

fn emit_beside_push(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let start = |bytes: Option<usize>| {
        let builder = Emissions::builder().source("/bench");
        let builder = bytes.into_iter().fold(builder, emissions::Builder::buffer_bytes);
        runtime.block_on(builder.start()).expect("nothing to provide")
    };
    let (unlimited, limited) = (start(None), start(Some(1 << 20)));

    let mut group = criterion.benchmark_group("buffer");
    group.throughput(criterion::Throughput::Elements(EVENTS));
    group.bench_function("push of a boxed value", |bencher| {
        bencher.iter(|| {
            let mut values = Vec::<Box<dyn Any + Send>>::new();
            for order_id in 0..EVENTS {
                values.push(Box::new(black_box(placed(order_id))));
            }
            values
        });
    });
    group.bench_function("push of a boxed value, written as JSON", |bencher| {
        bencher.iter(|| {
            let (mut values, mut bytes) = (Vec::<Box<dyn Any + Send>>::new(), 0);
            for order_id in 0..EVENTS {
                let event = black_box(placed(order_id));
                bytes += serde_json::to_vec(&event).map_or(0, |json| json.len());
                values.push(Box::new(event));
            }
            (values, bytes)
        });
    });
    for (name, emissions) in [("emit", unlimited), ("emit, bytes limited", limited)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let buffer = emissions.start();
                for order_id in 0..EVENTS {
                    black_box(buffer.emit(black_box(placed(order_id))).is_ok());
                }
                buffer.terminate();
            });
        });
    }
    group.finish();
}

criterion_group!(benches, emit_beside_push);
criterion_main!(benches);
