//! Who holds the gate, and how many have to.

mod observers {
    use std::sync::Arc;

    use emissions::{event, on_event};

    use crate::support::{Journal, Refused, Signal, only};

    /// A parcel was weighed.
    #[event(name = "parcel.weighed")]
    struct ParcelWeighed {
        /// Parcel that was weighed.
        parcel_id: String,
    }

    struct Release(Signal);

    #[on_event]
    async fn holds(event: &ParcelWeighed, journal: &Journal) {
        journal.note(format_args!("held {}", event.parcel_id));
    }

    #[on_event(observer)]
    async fn slow(_: &ParcelWeighed, journal: &Journal, release: &Release) {
        release.0.taken().await;
        journal.note("observed");
    }

    #[on_event(observer)]
    async fn failing(_: &ParcelWeighed) -> Result<(), Refused> {
        Err(Refused("nobody is interested"))
    }

    #[tokio::test]
    async fn are_tracked_and_reported_and_never_waited_for() {
        let (journal, release) = (Arc::new(Journal::default()), Arc::new(Release(Signal::default())));
        let failures = Arc::new(Journal::default());
        let sink = Arc::clone(&failures);
        let emissions = only(module_path!())
            .provide_arc(Arc::clone(&journal))
            .provide_arc(Arc::clone(&release))
            .on_failure(move |failure| sink.note(failure))
            .start()
            .await
            .unwrap();

        let gate = emissions.emit_async(ParcelWeighed { parcel_id: "p".into() }).await.unwrap();

        assert_eq!(journal.entries(), ["held p"], "the gate opened before the observer was released");
        assert_eq!(gate.report().len(), 1, "an observer is no part of the gate");
        release.0.give();
        let report = emissions.shutdown(std::time::Duration::from_secs(5)).await;
        assert_eq!(report.lost, 0);
        assert_eq!(journal.entries(), ["held p", "observed"], "shutdown waited for the observer");
        let failures = failures.entries();
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures[0].contains("failing (observer) failed: nobody is interested"), "{failures:?}");
    }
}

mod at_least_two {
    use emissions::{event, on_event, registry::ViolationCode};

    use crate::support::only;

    /// A pallet was moved.
    #[event(name = "pallet.moved", gate(min = 2))]
    struct PalletMoved {
        /// Pallet that was moved.
        pallet_id: String,
    }

    #[on_event]
    async fn only_one(_: &PalletMoved) {}

    #[on_event(observer)]
    async fn no_holder(_: &PalletMoved) {}

    #[tokio::test]
    async fn too_few_are_an_error_of_the_start() {
        let error = only(module_path!()).start().await.unwrap_err();
        let violations = error.violations().unwrap();
        let codes: Vec<_> = violations.iter().map(|violation| violation.code).collect();
        assert_eq!(codes, [ViolationCode::TooFewGateListeners]);
        let text = violations.to_string();
        assert!(text.contains("`pallet.moved.v1` asks for 2 gate listeners and has 1"), "{text}");
        let _ = PalletMoved { pallet_id: String::new() }.pallet_id;
    }
}

mod two_of_two {
    use emissions::{event, on_event};

    use crate::support::only;

    /// A pallet was wrapped.
    #[event(name = "pallet.wrapped", gate(min = 2))]
    struct PalletWrapped {
        /// Pallet that was wrapped.
        pallet_id: String,
    }

    #[on_event]
    async fn one(_: &PalletWrapped) {}

    #[on_event]
    async fn another(_: &PalletWrapped) {}

    #[tokio::test]
    async fn enough_open_the_gate() {
        let emissions = only(module_path!()).start().await.unwrap();
        let gate = emissions.emit_async(PalletWrapped { pallet_id: "7".into() }).await.unwrap();
        assert_eq!(gate.report().len(), 2);
    }
}

mod nobody {
    use emissions::{GateError, event};

    use crate::support::only;

    /// A truck was parked.
    #[event(name = "truck.parked")]
    struct TruckParked {
        /// Truck that was parked.
        truck_id: String,
    }

    /// A truck was washed.
    #[event(name = "truck.washed", gate(allow_none))]
    struct TruckWashed {
        /// Truck that was washed.
        washed_truck: String,
    }

    #[tokio::test]
    async fn is_an_error_that_owns_the_event_and_says_the_way_out() {
        let emissions = only(module_path!()).start().await.unwrap();
        let error = emissions.emit_async(TruckParked { truck_id: "t".into() }).await.unwrap_err();
        assert!(matches!(error, GateError::NoListener(_)));
        assert!(error.to_string().contains("gate(allow_none)"), "{error}");
        assert_eq!(error.into_event().unwrap().truck_id, "t");
        assert_eq!(emissions.counters().dropped_unheard, 1);
    }

    #[tokio::test]
    async fn is_enough_where_the_event_says_so() {
        let emissions = only(module_path!()).start().await.unwrap();
        let gate = emissions.emit_async(TruckWashed { washed_truck: "t".into() }).await.unwrap();
        assert!(gate.report().is_empty());
    }
}

mod observers_only {
    use emissions::{GateError, event, on_event};

    use crate::support::only;

    /// A truck was fuelled.
    #[event(name = "truck.fuelled")]
    struct TruckFuelled {
        /// Truck that was fuelled.
        truck_id: String,
    }

    #[on_event(observer)]
    async fn watches(event: &TruckFuelled) {
        panic!("an event that was refused reached {}", event.truck_id);
    }

    #[tokio::test]
    async fn do_not_make_a_gate() {
        let emissions = only(module_path!()).start().await.unwrap();
        let error = emissions.emit_async(TruckFuelled { truck_id: "t".into() }).await.unwrap_err();
        assert!(matches!(error, GateError::NoListener(_)));
        assert_eq!(emissions.shutdown(std::time::Duration::from_secs(5)).await.parked, 0);
    }
}
