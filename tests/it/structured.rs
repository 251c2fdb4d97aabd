//! Nothing runs behind the caller's back.

mod spawned {
    use std::{sync::Arc, time::Duration};

    use emissions::{Ctx, Outcome, event, on_event};
    use tokio::time::Instant;

    use crate::support::{Drops, Journal, Refused, only};

    /// A crew was briefed.
    #[event(name = "crew.briefed")]
    struct CrewBriefed {
        /// What becomes of the work.
        crew_fate: String,
    }

    struct Ended(Drops);

    #[on_event]
    async fn works(event: &CrewBriefed, ctx: &Ctx, journal: &Arc<Journal>, ended: &Ended) -> Result<(), Refused> {
        let (fate, journal, guard) = (event.crew_fate.clone(), Arc::clone(journal), ended.0.guard());
        let work = async move {
            let _guard = guard;
            tokio::time::sleep(Duration::from_secs(2)).await;
            journal.note("worked");
            match fate.as_str() {
                "fails" | "twice" => Err(Refused("too late")),
                "panics" => panic!("too hard"),
                _ => Ok(()),
            }
        };
        if event.crew_fate == "tracked" {
            ctx.track(tokio::spawn(work));
        } else {
            ctx.spawn(work);
        }
        if event.crew_fate == "twice" {
            ctx.spawn(async { Err::<(), _>(Refused("me too")) });
        }
        if event.crew_fate == "listener fails" { Err(Refused("the listener itself")) } else { Ok(()) }
    }

    async fn run(fate: &str) -> (Result<(), String>, Vec<String>, usize, Duration) {
        let (journal, ended) = (Arc::new(Journal::default()), Arc::new(Ended(Drops::default())));
        let emissions =
            only(module_path!()).provide(Arc::clone(&journal)).provide_arc(Arc::clone(&ended)).start().await.unwrap();
        let began = Instant::now();
        let result = emissions.emit_async(CrewBriefed { crew_fate: fate.into() }).await;
        let result = result.map(drop).map_err(|error| match &error.failures()[0].outcome {
            Outcome::Failed(error) => error.to_string(),
            other => panic!("{other}"),
        });
        (result, journal.entries(), ended.0.count(), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn work_is_joined_before_the_gate_opens() {
        let (result, journal, ended, elapsed) = run("succeeds").await;
        assert_eq!((result, journal.len(), ended, elapsed), (Ok(()), 1, 1, Duration::from_secs(2)));
        let (result, journal, ended, elapsed) = run("tracked").await;
        assert_eq!((result, journal.len(), ended, elapsed), (Ok(()), 1, 1, Duration::from_secs(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_failure_is_the_failure_of_the_listener() {
        assert_eq!(run("fails").await.0, Err("too late".into()));
        assert_eq!(run("panics").await.0, Err("spawned work panicked: too hard".into()));
        let both = run("twice").await.0.unwrap_err();
        assert_eq!(both, "2 pieces of spawned work failed: me too; too late");
    }

    #[tokio::test(start_paused = true)]
    async fn work_of_a_listener_that_fails_is_cancelled() {
        let (result, journal, ended, elapsed) = run("listener fails").await;
        assert_eq!(result, Err("the listener itself".into()));
        assert_eq!((journal.len(), ended, elapsed), (0, 1, Duration::ZERO), "cancelled, and gone by then");
    }
}

mod dropped {
    use std::sync::Arc;

    use emissions::{Ctx, event, on_event};

    use crate::support::{Drops, Journal, only};

    /// A dive was begun.
    #[event(name = "dive.begun")]
    struct DiveBegun {
        /// Dive that was begun.
        dive_id: String,
    }

    struct Ended(Drops);

    #[derive(Default)]
    struct Surface(tokio::sync::Notify);

    #[on_event]
    async fn a_plain(event: &DiveBegun, journal: &Journal, ended: &Ended, surface: &Surface) {
        let _guard = ended.0.guard();
        journal.note(format_args!("plain {}", event.dive_id));
        surface.0.notified().await;
        journal.note("ran on");
    }

    #[on_event(timeout = "5s", retry(attempts = 3))]
    async fn b_policed(_: &DiveBegun, journal: &Journal, ended: &Ended, surface: &Surface) {
        let _guard = ended.0.guard();
        journal.note("policed");
        surface.0.notified().await;
        journal.note("ran on");
    }

    #[on_event]
    async fn c_spawns(_: &DiveBegun, ctx: &Ctx, journal: &Arc<Journal>, ended: &Ended) {
        let (journal, guard) = (Arc::clone(journal), ended.0.guard());
        ctx.spawn(async move {
            let _guard = guard;
            std::future::pending::<()>().await;
            journal.note("ran on");
        });
        std::future::pending::<()>().await;
    }

    #[on_event(after = a_plain)]
    async fn d_waits(_: &DiveBegun, journal: &Journal) {
        journal.note("ran on");
    }

    #[tokio::test]
    async fn a_dropped_emit_runs_nothing_more_and_leaks_no_task() {
        let (journal, ended) = (Arc::new(Journal::default()), Arc::new(Ended(Drops::default())));
        let surface = Arc::new(Surface::default());
        let emissions = only(module_path!())
            .provide(Arc::clone(&journal))
            .provide_arc(Arc::clone(&journal))
            .provide_arc(Arc::clone(&ended))
            .provide_arc(Arc::clone(&surface))
            .start()
            .await
            .unwrap();
        let tasks = tokio::runtime::Handle::current().metrics();
        let before = tasks.num_alive_tasks();
        let mut emit = Box::pin(emissions.emit_async(DiveBegun { dive_id: "d".into() }));
        assert!(futures::poll!(&mut emit).is_pending());
        assert_eq!(journal.entries(), ["plain d", "policed"]);
        assert_eq!(tasks.num_alive_tasks(), before + 1, "what was spawned runs");
        drop(emit);
        assert_eq!(ended.0.count(), 2, "both listeners ended with the future");
        surface.0.notify_waiters();
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
        assert_eq!(tasks.num_alive_tasks(), before);
        assert_eq!(ended.0.count(), 3);
        assert_eq!(journal.entries(), ["plain d", "policed"], "nothing ran on");
        let counters = emissions.counters();
        assert_eq!((counters.emitted, counters.dropped_cancelled, counters.in_flight), (1, 1, 0));
    }

    #[tokio::test]
    async fn an_emit_that_is_never_polled_calls_nobody() {
        let (journal, ended) = (Arc::new(Journal::default()), Arc::new(Ended(Drops::default())));
        let emissions = only(module_path!())
            .provide(Arc::clone(&journal))
            .provide_arc(Arc::clone(&journal))
            .provide_arc(Arc::clone(&ended))
            .provide(Surface::default())
            .start()
            .await
            .unwrap();
        drop(emissions.emit_async(DiveBegun { dive_id: "d".into() }));
        assert_eq!(journal.entries(), [""; 0]);
        assert_eq!(emissions.counters().emitted, 0);
    }
}

mod instances {
    use std::sync::Arc;

    use emissions::{event, on_event};

    use crate::support::{Journal, only};

    /// A twin was born.
    #[event(name = "twin.born")]
    struct TwinBorn {
        /// Name of the twin.
        twin_name: String,
    }

    #[on_event(concurrency = 1)]
    async fn registers(event: &TwinBorn, journal: &Journal) {
        journal.note(&event.twin_name);
    }

    #[tokio::test]
    async fn two_in_one_process_share_nothing() {
        let journals = [Arc::new(Journal::default()), Arc::new(Journal::default())];
        let [first, second] = &journals;
        let one = only(module_path!()).source("/one").provide_arc(Arc::clone(first)).start().await.unwrap();
        let two = only(module_path!()).source("/two").provide_arc(Arc::clone(second)).start().await.unwrap();
        let _ = one.emit_async(TwinBorn { twin_name: "a".into() }).await.unwrap();
        assert_eq!(one.shutdown(std::time::Duration::from_secs(5)).await.delivered, 1);
        let _ = two.emit_async(TwinBorn { twin_name: "b".into() }).await.unwrap();
        let _ = two.emit(TwinBorn { twin_name: "c".into() }).unwrap();
        assert_eq!(two.shutdown(std::time::Duration::from_secs(5)).await.delivered, 2);
        assert_eq!((first.entries(), second.entries()), (vec!["a".to_owned()], vec!["b".to_owned(), "c".to_owned()]));
        assert_eq!((one.counters().emitted, two.counters().emitted), (1, 2));
    }
}
