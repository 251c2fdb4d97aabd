//! The pieces with state shared between threads, under shuttle: many schedules of each.
//!
//! Compiled from the runtime's own source files, whose locks and atomics come from `crate::sync`:
//! the ledger (admission against shutdown, the signal that nothing is under way) and the inbox of a
//! subscription (events against their reader). `tokio::sync::Notify` counts as one atomic step.

#![expect(dead_code, unreachable_pub, reason = "the files have more than is tried here")]

#[path = "../emissions/src/counters.rs"]
mod counters;
#[path = "../emissions/src/subscribe/inbox.rs"]
mod inbox;

/// In the place of the runtime's own.
mod sync {
    pub(crate) use std::sync::PoisonError;

    pub(crate) use shuttle::sync::{Mutex, MutexGuard};

    pub(crate) mod atomic {
        pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    }
}

/// In the place of the runtime's own.
mod telemetry {
    #[derive(Clone, Default)]
    pub(crate) struct EventNumbers;

    pub(crate) fn settled(_: &'static str, _: &EventNumbers, _: crate::counters::Fate, _: &tracing::Span) {}
}

use std::sync::Arc;

use shuttle::{future::block_on, thread};

use crate::{
    counters::{DetachedEnd, Ledger, Unsettled},
    inbox::{Inbox, LagPolicy},
};

const SCHEDULES: usize = 2_000;

#[test]
fn an_emit_is_either_refused_or_waited_for() {
    shuttle::check_pct(
        || {
            let ledger = Arc::new(Ledger::default());
            let emitters: Vec<_> = (0..3)
                .map(|emitter| {
                    let ledger = Arc::clone(&ledger);
                    thread::spawn(move || {
                        let admitted = ledger.admit(Unsettled::Cancelled);
                        thread::yield_now();
                        match admitted {
                            Some(emitted) if emitter == 0 => drop(emitted),
                            Some(emitted) => emitted.delivered(),
                            None => return 0,
                        }
                        1
                    })
                })
                .collect();
            ledger.close();
            block_on(ledger.idle());
            let at_idle = ledger.read();
            let admitted: u64 = emitters.into_iter().map(|emitter| emitter.join().unwrap()).sum();
            let at_end = ledger.read();
            assert_eq!(at_idle.delivered + at_idle.dropped(), admitted, "one settled after the end");
            assert_eq!((at_end.emitted, at_end.in_flight), (admitted, 0));
        },
        SCHEDULES,
        4,
    );
}

#[test]
fn the_end_waits_for_what_an_event_leaves_behind() {
    shuttle::check_pct(
        || {
            let ledger = Arc::new(Ledger::default());
            let emitted = ledger.admit(Unsettled::Shutdown).unwrap();
            let listener = {
                let ledger = Arc::clone(&ledger);
                thread::spawn(move || {
                    let detached = ledger.detached();
                    emitted.delivered();
                    thread::spawn(move || {
                        // Detached work emits in its turn.
                        ledger.admit_cascade(Unsettled::Shutdown).delivered();
                        detached.end(DetachedEnd::Done);
                    })
                })
            };
            ledger.close();
            block_on(ledger.idle());
            assert_eq!((ledger.read().delivered, ledger.read_detached()), (2, [1, 0, 0]));
            listener.join().unwrap().join().unwrap();
        },
        SCHEDULES,
        4,
    );
}

#[test]
fn a_reader_learns_of_every_event_or_of_its_loss() {
    for policy in [LagPolicy::SkipOldest, LagPolicy::SkipNewest] {
        shuttle::check_pct(
            move || {
                let inbox = Arc::new(Inbox::new(2));
                inbox.set_policy(policy);
                let writer = {
                    let inbox = Arc::clone(&inbox);
                    thread::spawn(move || {
                        for event in 0..6_u64 {
                            inbox.push(event);
                        }
                        inbox.close();
                    })
                };
                let mut position = 0;
                block_on(async {
                    while let Some(item) = std::future::poll_fn(|cx| inbox.poll_next(cx)).await {
                        match item {
                            Ok(event) => {
                                assert_eq!(event, position, "an event went missing without a mark");
                                position += 1;
                            }
                            Err(missed) => position += missed,
                        }
                    }
                });
                assert_eq!(position, 6);
                writer.join().unwrap();
            },
            SCHEDULES,
            3,
        );
    }
}
