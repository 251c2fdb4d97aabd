//! Concurrent by default; `after` puts listeners in order.

mod concurrent {
    use std::time::Duration;

    use emissions::{event, on_event};
    use tokio::time::Instant;

    use crate::support::only;

    /// A race was started.
    #[event(name = "race.started")]
    struct RaceStarted {
        /// Race that was started.
        race_id: String,
    }

    #[on_event]
    async fn one(event: &RaceStarted) {
        let _ = &event.race_id;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    #[on_event]
    async fn two(_: &RaceStarted) {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    #[on_event]
    async fn three(_: &RaceStarted) {
        tokio::time::sleep(Duration::from_secs(3)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn listeners_run_at_the_same_time() {
        let emissions = only(module_path!()).start().await.unwrap();
        let began = Instant::now();
        let gate = emissions.emit_async(RaceStarted { race_id: "r".into() }).await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        let elapsed: Vec<_> = gate.report().iter().map(|report| report.elapsed.as_secs()).collect();
        assert_eq!(elapsed, [1, 3, 2], "each has its own time, sorted by identity");
    }
}

mod chain {
    use std::sync::Arc;

    use emissions::{Outcome, SkipReason, event, on_event};

    use crate::support::{Journal, Refused, only};

    /// A cake was baked.
    #[event(name = "cake.baked")]
    struct CakeBaked {
        /// Who drops the cake, if anybody does.
        dropped_by_name: String,
    }

    #[on_event(after(b_ices, c_cuts))]
    async fn a_serves(_: &CakeBaked, journal: &Journal) {
        journal.note("served");
    }

    #[on_event]
    async fn b_ices(event: &CakeBaked, journal: &Journal) -> Result<(), Refused> {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        journal.note("iced");
        if event.dropped_by_name == "b" { Err(Refused("dropped")) } else { Ok(()) }
    }

    #[on_event(after = b_ices)]
    async fn c_cuts(_: &CakeBaked, journal: &Journal) {
        tokio::task::yield_now().await;
        journal.note("cut");
    }

    #[tokio::test]
    async fn each_waits_for_those_before_it() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let gate = emissions.emit_async(CakeBaked { dropped_by_name: String::new() }).await.unwrap();
        assert_eq!(journal.entries(), ["iced", "cut", "served"]);
        let ids: Vec<_> = gate.report().iter().map(|report| report.id.rsplit("::").next().unwrap()).collect();
        assert_eq!(ids, ["a_serves", "b_ices", "c_cuts"], "the report is sorted by identity, not by turn");
    }

    #[tokio::test]
    async fn nobody_goes_after_one_that_failed() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let error = emissions.emit_async(CakeBaked { dropped_by_name: "b".into() }).await.unwrap_err();
        assert_eq!(journal.entries(), ["iced"]);
        let outcome = |name: &str| &error.report().get(&format!("{}::{name}", module_path!())).unwrap().outcome;
        assert!(matches!(outcome("b_ices"), Outcome::Failed(_)));
        assert!(matches!(outcome("c_cuts"), Outcome::Skipped(SkipReason::AfterFailed(id)) if id.ends_with("b_ices")));
        assert!(matches!(outcome("a_serves"), Outcome::Skipped(SkipReason::AfterFailed(_))));
    }
}

mod circle {
    use emissions::{event, on_event, registry::ViolationCode};

    use crate::support::only;

    /// A wheel was turned.
    #[event(name = "wheel.turned")]
    struct WheelTurned {
        /// Wheel that was turned.
        wheel_id: String,
    }

    #[on_event(after = second)]
    async fn first(event: &WheelTurned) {
        let _ = &event.wheel_id;
    }

    #[on_event(after = first)]
    async fn second(_: &WheelTurned) {}

    #[tokio::test]
    async fn is_an_error_of_the_start() {
        let error = only(module_path!()).start().await.unwrap_err();
        let violation = error.violations().unwrap().iter().next().unwrap();
        assert_eq!(violation.code, ViolationCode::AfterCycle);
        assert_eq!(violation.locations().count(), 2, "both places are named: {violation}");
    }
}

mod strangers {
    use emissions::{event, on_event, registry::ViolationCode};

    use crate::support::only;

    /// A wheel was changed.
    #[event(name = "wheel.changed")]
    struct WheelChanged {
        /// Wheel that was changed.
        wheel_id: String,
    }

    /// A wheel was lost.
    #[event(name = "wheel.lost")]
    struct WheelLost {
        /// Wheel that was lost.
        lost_wheel: String,
    }

    #[on_event]
    async fn of_another_event(event: &WheelLost) {
        let _ = &event.lost_wheel;
    }

    #[on_event(after = of_another_event)]
    async fn waits_in_vain(event: &WheelChanged) {
        let _ = &event.wheel_id;
    }

    #[tokio::test]
    async fn can_not_be_waited_for() {
        let error = only(module_path!()).start().await.unwrap_err();
        let codes: Vec<_> = error.violations().unwrap().iter().map(|violation| violation.code).collect();
        assert_eq!(codes, [ViolationCode::AfterStranger]);
    }
}
