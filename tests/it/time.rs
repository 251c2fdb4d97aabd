//! Limits, retries, and how many at once; all under a clock that stands still.

mod limits {
    use std::{sync::Arc, time::Duration};

    use emissions::{Ctx, Outcome, SkipReason, event, on_event};
    use tokio::time::Instant;

    use crate::support::{Drops, only};

    /// A door was opened.
    #[event(name = "door.opened")]
    struct DoorOpened {
        /// Door that was opened.
        door_id: String,
    }

    impl DoorOpened {
        /// Whichever comes first: the listener's own limit, or that of the emit.
        fn limit(&self) -> Duration {
            if self.door_id.len() > 2 { Duration::from_millis(500) } else { Duration::from_secs(2) }
        }
    }

    struct Cancelled(Drops);

    #[on_event(timeout = "2s")]
    async fn own_limit(event: &DoorOpened, cancelled: &Cancelled, ctx: &Ctx) {
        assert_eq!(ctx.deadline(), Some(Instant::now() + event.limit()));
        let _guard = cancelled.0.guard();
        std::future::pending::<()>().await;
    }

    #[on_event]
    async fn quick(event: &DoorOpened) {
        tokio::time::sleep(Duration::from_millis(event.door_id.len() as u64)).await;
    }

    #[on_event(after = own_limit)]
    async fn never_its_turn(_: &DoorOpened) {}

    #[tokio::test(start_paused = true)]
    async fn a_listener_past_its_limit_is_cancelled_and_reported() {
        let cancelled = Arc::new(Cancelled(Drops::default()));
        let emissions = only(module_path!()).provide_arc(Arc::clone(&cancelled)).start().await.unwrap();
        let began = Instant::now();
        let error = emissions.emit_async(DoorOpened { door_id: "ab".into() }).await.unwrap_err();
        assert_eq!(began.elapsed(), Duration::from_secs(2));
        assert_eq!(cancelled.0.count(), 1, "it was cancelled before the gate answered");
        let report = |name: &str| error.report().get(&format!("{}::{name}", module_path!())).unwrap();
        assert!(matches!(report("own_limit").outcome, Outcome::TimedOut(after) if after == Duration::from_secs(2)));
        assert_eq!(report("own_limit").attempts, 1);
        assert!(report("quick").outcome.is_success());
        assert_eq!(report("quick").elapsed, Duration::from_millis(2));
        assert_eq!(error.report().slowest().unwrap().id, report("own_limit").id, "the report names the slow one");
        assert!(matches!(report("never_its_turn").outcome, Outcome::Skipped(SkipReason::AfterFailed(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_of_an_emit_cancels_everybody_who_still_runs() {
        let cancelled = Arc::new(Cancelled(Drops::default()));
        let emissions = only(module_path!()).provide_arc(Arc::clone(&cancelled)).default_within(Duration::from_mins(1));
        let emissions = emissions.start().await.unwrap();
        let began = Instant::now();
        let emission = emissions.emission(DoorOpened { door_id: "a".repeat(900) });
        let error = emission.within(Duration::from_millis(500)).emit_async().await.unwrap_err();
        assert_eq!(began.elapsed(), Duration::from_millis(500));
        assert_eq!(cancelled.0.count(), 1);
        let outcomes: Vec<_> =
            error.report().iter().map(|report| (report.outcome.to_string(), report.attempts)).collect();
        let expected = [
            ("skipped: the deadline had passed before its turn".to_owned(), 0),
            ("timed out after 500ms".to_owned(), 1),
            ("timed out after 500ms".to_owned(), 1),
        ];
        assert_eq!(outcomes, expected);
    }
}

mod default_limits {
    use std::time::Duration;

    use emissions::{Outcome, event, on_event};
    use tokio::time::Instant;

    use crate::support::only;

    /// A door was closed.
    #[event(name = "door.closed")]
    struct DoorClosed {
        /// Door that was closed.
        door_id: String,
    }

    #[on_event]
    async fn endless(event: &DoorClosed) {
        let _ = &event.door_id;
        std::future::pending::<()>().await;
    }

    #[tokio::test(start_paused = true)]
    async fn come_from_the_builder() {
        let emissions = only(module_path!()).default_timeout(Duration::from_secs(3)).start().await.unwrap();
        let began = Instant::now();
        let error = emissions.emit_async(DoorClosed { door_id: String::new() }).await.unwrap_err();
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        assert!(matches!(error.failures()[0].outcome, Outcome::TimedOut(_)));

        let emissions = only(module_path!()).default_within(Duration::from_secs(4)).start().await.unwrap();
        let began = Instant::now();
        let error = emissions.emit_async(DoorClosed { door_id: String::new() }).await.unwrap_err();
        assert_eq!(began.elapsed(), Duration::from_secs(4));
        assert!(matches!(error.failures()[0].outcome, Outcome::TimedOut(_)));
    }
}

mod retries {
    use std::{
        sync::{
            Arc, Mutex,
            atomic::{AtomicU32, Ordering::SeqCst},
        },
        time::Duration,
    };

    use emissions::{Ctx, Outcome, Permanent, event, on_event};
    use tokio::time::Instant;

    use crate::support::{Refused, only};

    /// A call was missed.
    #[event(name = "call.missed")]
    struct CallMissed {
        /// How the listener fares: attempts that fail, or `permanent`, or `endless`.
        listener_fate: String,
    }

    #[derive(Default)]
    struct Attempts {
        made: AtomicU32,
        at: Mutex<Vec<Instant>>,
    }

    #[on_event(timeout = "1s", retry(attempts = 4, backoff = "100ms..300ms"))]
    async fn calls_back(
        event: &CallMissed,
        attempts: &Attempts,
        ctx: &Ctx,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let attempt = attempts.made.fetch_add(1, SeqCst) + 1;
        assert_eq!(ctx.attempt(), attempt);
        attempts.at.lock().unwrap().push(Instant::now());
        match event.listener_fate.as_str() {
            "permanent" => Err(Permanent(Refused("wrong number")).into()),
            "endless" => std::future::pending().await,
            failing if attempt <= failing.parse()? => Err(Refused("busy").into()),
            _ => Ok(()),
        }
    }

    async fn run(fate: &str) -> (Result<emissions::Gate<CallMissed>, emissions::GateError<CallMissed>>, Arc<Attempts>) {
        let attempts = Arc::new(Attempts::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&attempts)).start().await.unwrap();
        (emissions.emit_async(CallMissed { listener_fate: fate.into() }).await, attempts)
    }

    #[tokio::test(start_paused = true)]
    async fn succeed_when_an_attempt_does() {
        let (gate, attempts) = run("3").await;
        assert_eq!(gate.unwrap().report().participants()[0].attempts, 4);
        let at = attempts.at.lock().unwrap();
        for (pause, bound) in at.windows(2).map(|pair| pair[1] - pair[0]).zip([100, 200, 300]) {
            assert!(pause <= Duration::from_millis(bound + 1), "{pause:?} is longer than {bound} ms");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn end_with_the_last_failure() {
        let (result, attempts) = run("9").await;
        let error = result.unwrap_err();
        assert_eq!((error.failures()[0].attempts, attempts.made.load(SeqCst)), (4, 4));
        assert!(error.to_string().contains("failed: busy, 4 attempts"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn do_not_follow_a_permanent_failure() {
        let (result, attempts) = run("permanent").await;
        let error = result.unwrap_err();
        assert_eq!((error.failures()[0].attempts, attempts.made.load(SeqCst)), (1, 1));
        assert!(error.to_string().contains("wrong number"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn follow_a_timeout() {
        let (result, attempts) = run("endless").await;
        let error = result.unwrap_err();
        assert_eq!(attempts.made.load(SeqCst), 4);
        assert!(matches!(error.failures()[0].outcome, Outcome::TimedOut(after) if after == Duration::from_secs(1)));
        assert_eq!(error.failures()[0].attempts, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn that_the_deadline_cut_short_are_counted() {
        let attempts = Arc::new(Attempts::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&attempts)).start().await.unwrap();
        let emission = emissions.emission(CallMissed { listener_fate: "endless".into() });
        let error = emission.within(Duration::from_millis(1_900)).emit_async().await.unwrap_err();
        assert_eq!(attempts.made.load(SeqCst), 2, "the second began before 1.1 s and ran at the deadline");
        assert_eq!(error.failures()[0].attempts, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn spread_over_the_whole_bound() {
        let mut pauses = Vec::new();
        for _ in 0..64 {
            let (_, attempts) = run("1").await;
            let at = attempts.at.lock().unwrap();
            pauses.push(at[1] - at[0]);
        }
        let (shortest, longest) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
        assert!(*shortest < Duration::from_millis(40), "no jitter: {shortest:?} is the shortest of 64 pauses");
        assert!(*longest > Duration::from_millis(60), "no jitter: {longest:?} is the longest of 64 pauses");
    }
}

mod budgets {
    use std::time::Duration;

    use emissions::{event, on_event, registry::ViolationCode};

    use crate::support::{Refused, only};

    /// A bell was rung.
    #[event(name = "bell.rung")]
    struct BellRung {
        /// Bell that was rung.
        bell_id: String,
    }

    #[on_event(timeout = "1s", retry(attempts = 3, backoff = "100ms..1s"))]
    async fn answers(event: &BellRung) -> Result<(), Refused> {
        let _ = &event.bell_id;
        Ok(())
    }

    #[on_event(observer, timeout = "1m", retry(attempts = 9))]
    async fn takes_its_time(_: &BellRung) {}

    #[tokio::test]
    async fn that_do_not_fit_the_deadline_are_errors_of_the_start() {
        let error = only(module_path!()).default_within(Duration::from_millis(3_299)).start().await.unwrap_err();
        let violations = error.violations().unwrap();
        assert_eq!(
            violations.iter().map(|violation| violation.code).collect::<Vec<_>>(),
            [ViolationCode::ImpossibleBudget]
        );
        let text = violations.to_string();
        assert!(text.contains("may need 3.3s for 3 attempts of 1s"), "{text}");
        assert!(text.contains("time.rs"), "{text}");
    }

    #[tokio::test]
    async fn that_fit_are_none() {
        only(module_path!()).default_within(Duration::from_millis(3_300)).start().await.unwrap();
        only(module_path!()).start().await.unwrap();
    }
}

mod concurrency {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
        time::Duration,
    };

    use emissions::{Outcome, SkipReason, event, on_event};
    use tokio::time::Instant;

    use crate::support::only;

    /// A lift was called.
    #[event(name = "lift.called")]
    struct LiftCalled {
        /// Lift that was called.
        lift_id: String,
    }

    #[derive(Default)]
    struct Running {
        now: AtomicUsize,
        most: AtomicUsize,
    }

    #[on_event(concurrency = 2)]
    async fn comes(event: &LiftCalled, running: &Running) {
        let _ = &event.lift_id;
        let now = running.now.fetch_add(1, SeqCst) + 1;
        running.most.fetch_max(now, SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        running.now.fetch_sub(1, SeqCst);
    }

    #[tokio::test(start_paused = true)]
    async fn is_limited_over_all_emits() {
        let running = Arc::new(Running::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&running)).start().await.unwrap();
        let began = Instant::now();
        let emits = (0..7).map(|_| emissions.emit_async(LiftCalled { lift_id: "l".into() }));
        let gates = futures::future::join_all(emits).await;
        assert!(gates.iter().all(Result::is_ok));
        assert_eq!(running.most.load(SeqCst), 2);
        assert_eq!(began.elapsed(), Duration::from_secs(4), "two at once");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_never_got_its_place_was_never_called() {
        let running = Arc::new(Running::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&running)).start().await.unwrap();
        let emit = || {
            let emission = emissions.emission(LiftCalled { lift_id: "l".into() });
            emission.within(Duration::from_millis(1_500)).emit_async()
        };
        let (first, second, third) = tokio::join!(emit(), emit(), async {
            let emission = emissions.emission(LiftCalled { lift_id: "l".into() });
            emission.within(Duration::from_millis(500)).emit_async().await
        });
        assert!(first.is_ok() && second.is_ok());
        let error = third.unwrap_err();
        let failure = error.failures()[0];
        assert!(matches!(failure.outcome, Outcome::Skipped(SkipReason::DeadlinePassed)), "{failure}");
        assert_eq!(failure.attempts, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_comes_back_when_the_emit_is_dropped() {
        let running = Arc::new(Running::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&running)).start().await.unwrap();
        for _ in 0..5 {
            let emit = emissions.emit_async(LiftCalled { lift_id: "l".into() });
            assert!(tokio::time::timeout(Duration::from_millis(1), emit).await.is_err());
        }
        assert!(emissions.emit_async(LiftCalled { lift_id: "l".into() }).await.is_ok());
    }
}

mod concurrency_of_cancelled {
    use std::{
        sync::{
            Arc, OnceLock,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
        time::Duration,
    };

    use emissions::{Emissions, Outcome, event, on_event};
    use futures::FutureExt;

    use crate::support::only;

    /// A crane was hoisted.
    #[event(name = "crane.hoisted")]
    struct CraneHoisted {
        /// Crane that was hoisted.
        crane_id: String,
    }

    #[derive(Default)]
    struct Crane {
        emissions: OnceLock<Emissions>,
        now: AtomicUsize,
        most: AtomicUsize,
    }

    struct Hoisting<'a>(&'a Crane);

    impl<'a> Hoisting<'a> {
        fn begin(crane: &'a Crane) -> Self {
            let now = crane.now.fetch_add(1, SeqCst) + 1;
            crane.most.fetch_max(now, SeqCst);
            Self(crane)
        }
    }

    impl Drop for Hoisting<'_> {
        fn drop(&mut self) {
            // Whoever waits for the place tries to get it while this one still has the crane.
            if let Some(emissions) = self.0.emissions.get()
                && self.0.now.load(SeqCst) == 1
            {
                let next = emissions.emit_async(CraneHoisted { crane_id: "c".into() });
                assert!(next.now_or_never().is_none());
            }
            self.0.now.fetch_sub(1, SeqCst);
        }
    }

    #[on_event(concurrency = 1)]
    async fn hoists(event: &CraneHoisted, crane: &Crane) {
        let _ = &event.crane_id;
        let _hoisting = Hoisting::begin(crane);
        std::future::pending::<()>().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_not_free_before_the_one_that_had_it_has_gone() {
        let crane = Arc::new(Crane::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&crane)).start().await.unwrap();
        assert!(crane.emissions.set(emissions.clone()).is_ok());
        let emission = emissions.emission(CraneHoisted { crane_id: "c".into() });
        let error = emission.within(Duration::from_secs(1)).emit_async().await.unwrap_err();
        assert!(matches!(error.failures()[0].outcome, Outcome::TimedOut(_)), "{error}");
        assert_eq!((crane.most.load(SeqCst), crane.now.load(SeqCst)), (1, 0));
    }
}
