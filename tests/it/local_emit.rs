//! `emit`: admitted, delivered behind the caller's back, and never lost in silence.

mod admission {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    };

    use emissions::{EmitErrorKind, event, on_event};

    use crate::support::{Signal, only};

    /// A coin was inserted.
    #[event(name = "coin.inserted")]
    struct CoinInserted {
        /// Coin that was inserted.
        coin_id: String,
    }

    #[derive(Default)]
    struct Machine {
        busy: AtomicBool,
        began: Signal,
        release: Signal,
    }

    #[on_event]
    async fn counts(event: &CoinInserted, machine: &Machine) {
        if event.coin_id == "slow" {
            machine.busy.store(true, SeqCst);
            machine.began.give();
            machine.release.taken().await;
        }
    }

    #[tokio::test]
    async fn is_bounded_and_never_waits() {
        let machine = Arc::new(Machine::default());
        let emissions =
            only(module_path!()).provide_arc(Arc::clone(&machine)).queue_capacity(2).workers(1).start().await.unwrap();
        let coin = |coin_id: &str| CoinInserted { coin_id: coin_id.into() };
        let admission = emissions.emit(coin("slow")).unwrap();
        assert_eq!(admission.listeners(), 1);
        assert!(!machine.busy.load(SeqCst), "emit does not run listeners");
        machine.began.taken().await;

        // One waits in front of the busy worker, two in the queue.
        let mut admitted = 1;
        let error = loop {
            match emissions.emit(coin("quick")) {
                Ok(admission) => {
                    admitted += 1;
                    assert_ne!(admission.event_id(), emissions::Uuid::nil());
                }
                Err(error) => break error,
            }
            tokio::task::yield_now().await;
            assert!(admitted < 10, "the queue is not bounded");
        };
        assert!(matches!(error.kind(), EmitErrorKind::Full { capacity: 2 }));
        assert_eq!(error.to_string(), "coin.inserted was not emitted: the queue is full with 2 events");
        assert_eq!(error.into_event().coin_id, "quick");

        machine.release.give();
        let report = emissions.shutdown(std::time::Duration::from_secs(5)).await;
        assert_eq!((report.delivered, report.lost), (admitted, 0));
        let error = emissions.emit(coin("late")).unwrap_err();
        assert!(matches!(error.kind(), EmitErrorKind::ShutDown));
    }
}

mod shedding {
    use std::sync::Arc;

    use emissions::{EmitOverflow, event, on_event};

    use crate::support::{Journal, Signal, only};

    /// A frame was drawn.
    #[event(name = "frame.drawn")]
    struct FrameDrawn {
        /// Number of the frame.
        frame_number: u32,
    }

    #[derive(Default)]
    struct Screen {
        began: Signal,
        release: Signal,
    }

    #[on_event]
    async fn shows(event: &FrameDrawn, screen: &Screen, journal: &Journal) {
        journal.note(event.frame_number);
        if event.frame_number == 0 {
            screen.began.give();
            screen.release.taken().await;
        }
    }

    #[tokio::test]
    async fn makes_room_for_newer_events_and_counts_the_older_ones() {
        let (screen, journal) = (Arc::new(Screen::default()), Arc::new(Journal::default()));
        let emissions = only(module_path!())
            .provide_arc(Arc::clone(&screen))
            .provide_arc(Arc::clone(&journal))
            .queue_capacity(2)
            .workers(1)
            .overflow(EmitOverflow::ShedOldest)
            .start()
            .await
            .unwrap();
        let _ = emissions.emit(FrameDrawn { frame_number: 0 }).unwrap();
        screen.began.taken().await;
        for frame_number in 1..9 {
            let _ = emissions.emit(FrameDrawn { frame_number }).unwrap();
        }
        screen.release.give();
        let report = emissions.shutdown(std::time::Duration::from_secs(5)).await;
        assert_eq!(journal.entries(), ["0", "7", "8"], "the newest are left, in order");
        let counters = emissions.counters();
        assert_eq!((counters.emitted, counters.delivered, counters.dropped_shed), (9, 3, 6));
        assert_eq!(report.lost, 6);
        assert!(report.lossless().is_err());
    }
}

mod failures {
    use std::sync::{Arc, Mutex};

    use emissions::{Outcome, event, on_event};

    use crate::support::{Refused, only};

    /// A lamp was switched.
    #[event(name = "lamp.switched")]
    struct LampSwitched {
        /// Lamp that was switched.
        lamp_id: String,
    }

    #[on_event(retry(attempts = 3, backoff = "1ms"))]
    async fn refuses(event: &LampSwitched) -> Result<(), Refused> {
        let _ = &event.lamp_id;
        Err(Refused("bulb broken"))
    }

    #[on_event]
    async fn panics(_: &LampSwitched) {
        panic!("short circuit");
    }

    #[on_event]
    async fn succeeds(_: &LampSwitched) {}

    #[tokio::test(start_paused = true)]
    async fn reach_the_sink_with_event_error_listener_and_attempts() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let emissions = only(module_path!())
            .on_failure(move |failure| {
                let event = failure.event.as_ref().unwrap();
                let payload = String::from_utf8(event.payload.to_vec()).unwrap();
                let kind = match failure.outcome() {
                    Outcome::Failed(error) => format!("failed {error}"),
                    Outcome::Panicked(message) => format!("panicked {message}"),
                    other => panic!("{other}"),
                };
                let entry = (failure.listener().to_owned(), event.event_id, payload, kind, failure.attempts());
                sink.lock().unwrap().push(entry);
            })
            .start()
            .await
            .unwrap();
        let event_id = emissions.emit(LampSwitched { lamp_id: "l".into() }).unwrap().event_id();
        let report = emissions.shutdown(std::time::Duration::from_secs(5)).await;
        assert_eq!((report.delivered, report.parked, report.lost), (0, 1, 0));
        let payload = r#"{"lamp_id":"l"}"#.to_owned();
        let expected = [
            (format!("{}::panics", module_path!()), event_id, payload.clone(), "panicked short circuit".to_owned(), 1),
            (format!("{}::refuses", module_path!()), event_id, payload, "failed bulb broken".to_owned(), 3),
        ];
        assert_eq!(*seen.lock().unwrap(), expected);
    }
}

mod conservation {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering::SeqCst},
        },
        time::Duration,
    };

    use emissions::{Ctx, event, on_event};

    use crate::support::{Refused, only};

    /// A grain was counted.
    #[event(name = "grain.counted")]
    struct GrainCounted {
        /// Number of the grain.
        grain_number: u32,
    }

    /// A grain was planted.
    #[event(name = "grain.planted")]
    struct GrainPlanted {
        /// Number of the grain.
        grain_number: u32,
    }

    #[derive(Default)]
    struct Calls {
        counted: AtomicU64,
        planted: AtomicU64,
    }

    #[on_event]
    async fn counts(event: &GrainCounted, calls: &Calls, ctx: &Ctx) -> Result<(), Refused> {
        if event.grain_number.is_multiple_of(3) {
            tokio::task::yield_now().await;
        }
        calls.counted.fetch_add(1, SeqCst);
        match event.grain_number % 10 {
            0 => Err(Refused("rotten")),
            1 => panic!("rotten"),
            2 => ctx.emit(GrainPlanted { grain_number: event.grain_number }).map_err(|_| Refused("not planted")),
            _ => Ok(()),
        }
    }

    #[on_event]
    async fn plants(event: &GrainPlanted, calls: &Calls) {
        let _ = event.grain_number;
        calls.planted.fetch_add(1, SeqCst);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn holds_for_a_thousand_tasks() {
        let calls = Arc::new(Calls::default());
        let emissions =
            only(module_path!()).provide_arc(Arc::clone(&calls)).queue_capacity(64).workers(8).start().await.unwrap();
        let (admitted, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let tasks: Vec<_> = (0..1_000_u32)
            .map(|task| {
                let (emissions, admitted, refused) = (emissions.clone(), Arc::clone(&admitted), Arc::clone(&refused));
                tokio::spawn(async move {
                    for turn in 0..20 {
                        let event = GrainCounted { grain_number: task * 20 + turn };
                        match turn % 4 {
                            0 => drop(emissions.emit_async(event).await),
                            // Dropped after its first poll, or done by then.
                            1 => drop(futures::poll!(std::pin::pin!(emissions.emit_async(event)))),
                            _ => match emissions.emit(event) {
                                Ok(_) => drop(admitted.fetch_add(1, SeqCst)),
                                Err(_) => {
                                    refused.fetch_add(1, SeqCst);
                                    tokio::task::yield_now().await;
                                }
                            },
                        }
                        let counters = emissions.counters();
                        assert!(
                            counters.delivered + counters.failed + counters.dropped() <= counters.emitted,
                            "{counters:?}"
                        );
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let report = emissions.shutdown(Duration::from_secs(30)).await;
        let counters = emissions.counters();

        let awaited = 1_000 * 10;
        let planted = calls.planted.load(SeqCst);
        assert_eq!(admitted.load(SeqCst) + refused.load(SeqCst), 1_000 * 10);
        assert_eq!(counters.emitted, awaited + admitted.load(SeqCst) + planted);
        assert_eq!(counters.in_flight, 0);
        assert_eq!(counters.emitted, counters.delivered + counters.failed + counters.dropped());
        assert_eq!(counters.dropped(), counters.dropped_cancelled, "nothing but what callers gave up");
        assert!(counters.dropped_cancelled > 0 && counters.failed > 0 && planted > 0);
        assert_eq!(calls.counted.load(SeqCst) + counters.dropped_cancelled + planted, counters.emitted);
        assert_eq!((report.delivered, report.parked, report.lost), (counters.delivered, counters.failed, 0));
    }
}
