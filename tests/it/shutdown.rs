//! The end: nothing further is admitted, what was admitted may finish, what is lost is said.

mod draining {
    use std::{sync::Arc, time::Duration};

    use emissions::{Ctx, EmitErrorKind, GateError, event, on_event};

    use crate::support::{Journal, only};

    /// A shop was closed.
    #[event(name = "shop.closed")]
    struct ShopClosed {
        /// Shop that was closed.
        shop_id: String,
    }

    /// A till was emptied.
    #[event(name = "till.emptied")]
    struct TillEmptied {
        /// Shop whose till it is.
        till_owner: String,
    }

    #[on_event]
    async fn empties(
        event: &ShopClosed,
        ctx: &Ctx,
        journal: &Journal,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let emptied = || TillEmptied { till_owner: event.shop_id.clone() };
        ctx.emit(emptied()).map_err(|error| error.to_string())?;
        ctx.emit_async(emptied()).await.map(drop).map_err(|error| error.to_string())?;
        journal.note("closed");
        Ok(())
    }

    #[on_event]
    async fn counts(_: &TillEmptied, journal: &Journal) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        journal.note("counted");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_admitted_finishes_with_all_it_leads_to() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let shop = || ShopClosed { shop_id: "s".into() };
        let _ = emissions.emit(shop()).unwrap();
        let report = emissions.shutdown(Duration::from_mins(1)).await;
        assert_eq!(journal.entries(), ["counted", "closed", "counted"]);
        assert_eq!((report.delivered, report.parked, report.lost), (3, 0, 0));

        let error = emissions.emit(shop()).unwrap_err();
        assert!(matches!(error.kind(), EmitErrorKind::ShutDown));
        assert_eq!(error.to_string(), "shop.closed was not emitted: the emissions are shut down");
        let error = emissions.emit_async(shop()).await.unwrap_err();
        assert!(matches!(error, GateError::ShutDown(_)));
        let error = error.retry_failed(&emissions).await.unwrap_err();
        assert!(matches!(error, GateError::ShutDown(_)));
        assert_eq!(error.into_event().unwrap().shop_id, "s");
        assert_eq!(journal.entries().len(), 3, "nobody was called after the end");
    }
}

mod losing {
    use std::{sync::Arc, time::Duration};

    use emissions::{event, on_event};

    use crate::support::{Drops, only};

    /// A bath was drained.
    #[event(name = "bath.drained")]
    struct BathDrained {
        /// Bath that was drained.
        bath_id: String,
    }

    struct Ended(Drops);

    #[on_event]
    async fn never_ends(event: &BathDrained, ended: &Ended) {
        let _guard = ended.0.guard();
        let _ = &event.bath_id;
        std::future::pending::<()>().await;
    }

    #[tokio::test(start_paused = true)]
    async fn is_said_in_the_report_and_in_its_type() {
        let ended = Arc::new(Ended(Drops::default()));
        let emissions = only(module_path!()).provide_arc(Arc::clone(&ended)).workers(2).start().await.unwrap();
        for _ in 0..5 {
            let _ = emissions.emit(BathDrained { bath_id: "b".into() }).unwrap();
        }
        let began = tokio::time::Instant::now();
        let report = emissions.shutdown(Duration::from_secs(7)).await;
        assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
        assert_eq!((report.delivered, report.lost), (0, 5));
        assert_eq!(ended.0.count(), 2, "the two that ran are cancelled");
        let counters = emissions.counters();
        assert_eq!((counters.dropped_shutdown, counters.in_flight), (5, 0));
        assert_eq!(report.lossless().unwrap_err().report, report);
    }
}

mod dropping {
    use emissions::{event, on_event};

    use crate::support::only;

    /// A boat was moored.
    #[event(name = "boat.moored")]
    struct BoatMoored {
        /// Boat that was moored.
        boat_id: String,
    }

    #[on_event]
    async fn notes(event: &BoatMoored) {
        let _ = &event.boat_id;
    }

    #[test]
    fn outside_of_the_runtime_is_no_panic() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (emissions, gate) = runtime.block_on(async {
            let emissions = only(module_path!()).start().await.unwrap();
            let _ = emissions.emit(BoatMoored { boat_id: "b".into() }).unwrap();
            let gate = emissions.emit_async(BoatMoored { boat_id: "b".into() }).await.unwrap();
            (emissions, gate)
        });
        drop(runtime);
        let _ = emissions.emit(BoatMoored { boat_id: "b".into() }).map(|admission| admission.event_id());
        let mut emit = Box::pin(emissions.emit_async(BoatMoored { boat_id: "b".into() }));
        assert!(futures::FutureExt::now_or_never(&mut emit).is_some_and(|result| result.is_ok()));
        drop(emit);
        drop((gate, emissions));
    }
}
