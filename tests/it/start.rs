//! What `start` refuses, and what it finds.

mod missing {
    use emissions::{event, on_event, registry::ViolationCode};

    use crate::support::only;

    /// A kit was opened.
    #[event(name = "kit.opened")]
    struct KitOpened {
        /// Kit that was opened.
        kit_id: String,
    }

    struct Screws;
    struct Manual;
    trait Tool: Send + Sync {}

    #[on_event]
    async fn assembles(event: &KitOpened, _screws: &Screws, _tool: &dyn Tool) {
        let _ = &event.kit_id;
    }

    #[on_event(observer)]
    async fn reads(_: &KitOpened, _manual: &Manual) {}

    #[tokio::test]
    async fn dependencies_are_reported_together_with_their_places() {
        let error = only(module_path!()).start().await.unwrap_err();
        let violations = error.violations().unwrap();
        assert!(violations.iter().all(|violation| violation.code == ViolationCode::MissingDependency));
        let facts: Vec<_> = violations.iter().map(|violation| violation.fact.as_str()).collect();
        let module = module_path!();
        let expected = [
            format!("`{module}::assembles` needs `&dyn {module}::Tool`, which nobody provided"),
            format!("`{module}::assembles` needs `&{module}::Screws`, which nobody provided"),
            format!("`{module}::reads` needs `&{module}::Manual`, which nobody provided"),
        ];
        assert_eq!(facts, expected);
        for violation in violations {
            let [place] = violation.locations().collect::<Vec<_>>()[..] else { panic!("{violation}") };
            assert!(place.file.ends_with("start.rs") && place.line > 1, "{place}");
        }
        let text = error.to_string();
        assert!(text.contains("provide_arc::<dyn "), "{text}");
        let _ = (Screws, Manual);
    }
}

mod elsewhere {
    use std::sync::Arc;

    use other_crate::{CargoLanded, Landings};

    use crate::support::only;

    #[tokio::test]
    async fn a_listener_in_another_crate_is_found() {
        let landings = Arc::new(Landings::default());
        let emissions = only("other_crate").provide_arc(Arc::clone(&landings)).start().await.unwrap();
        let gate = emissions.emit_async(CargoLanded { cargo_id: "c-1".into() }).await.unwrap();
        assert_eq!(gate.report().participants()[0].id, "other_crate::books");
        assert_eq!(landings.booked(), ["c-1"]);
    }
}

mod runtimes {
    use emissions::StartError;

    use crate::support::only;

    #[test]
    fn without_timers_are_refused() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let error = runtime.block_on(only(module_path!()).start()).unwrap_err();
        assert!(matches!(error, StartError::NoTimer), "{error}");
    }

    #[test]
    fn are_needed() {
        let error = futures::executor::block_on(only(module_path!()).start()).unwrap_err();
        assert!(matches!(error, StartError::NoRuntime), "{error}");
    }
}

mod foreign_executors {
    use std::time::Duration;

    use emissions::{Outcome, event, on_event};

    use crate::support::only;

    /// A stranger was greeted.
    #[event(name = "stranger.greeted")]
    struct StrangerGreeted {
        /// Name of the stranger.
        stranger_name: String,
    }

    #[on_event(timeout = "20ms")]
    async fn endless(event: &StrangerGreeted) {
        let _ = &event.stranger_name;
        std::future::pending::<()>().await;
    }

    #[test]
    fn may_poll_an_emit_and_its_timers() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let emissions = runtime.block_on(only(module_path!()).start()).unwrap();
        let emission = emissions.emission(StrangerGreeted { stranger_name: "s".into() });
        let error = futures::executor::block_on(emission.within(Duration::from_mins(1)).emit_async()).unwrap_err();
        assert!(matches!(error.failures()[0].outcome, Outcome::TimedOut(_)));
    }
}
