//! Panics of user code stay where they happened.

mod predicates_and_errors {
    use std::{error::Error, fmt};

    use emissions::{Outcome, event, on_event};

    use crate::support::only;

    /// A vase was moved.
    #[event(name = "vase.moved")]
    struct VaseMoved {
        /// Vase that was moved.
        vase_id: String,
    }

    fn breaks(event: &VaseMoved) -> bool {
        panic!("the predicate broke {}", event.vase_id)
    }

    #[derive(Debug)]
    struct Unspeakable;

    impl fmt::Display for Unspeakable {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no words")
        }
    }

    impl Error for Unspeakable {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            panic!("no source")
        }
    }

    #[derive(Debug)]
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "the bomb went off");
        }
    }

    #[on_event(when = breaks)]
    async fn a_selected(_: &VaseMoved) {}

    #[on_event(retry(attempts = 2, backoff = "1ms"))]
    async fn b_unspeakable(_: &VaseMoved) -> Result<(), Unspeakable> {
        Err(Unspeakable)
    }

    #[on_event]
    async fn c_drops(_: &VaseMoved) {
        let _bomb = Bomb;
        tokio::task::yield_now().await;
    }

    #[on_event(timeout = "1s")]
    async fn d_drops_when_cancelled(_: &VaseMoved) {
        let _bomb = Bomb;
        std::future::pending::<()>().await;
    }

    #[on_event]
    async fn e_panics_with_a_bomb(_: &VaseMoved) {
        std::panic::panic_any(Bomb);
    }

    #[on_event]
    async fn f_is_well(_: &VaseMoved) {}

    #[tokio::test(start_paused = true)]
    async fn are_the_failure_of_their_listener() {
        let emissions = only(module_path!()).start().await.unwrap();
        let error = emissions.emit_async(VaseMoved { vase_id: "Ming".into() }).await.unwrap_err();
        let outcomes: Vec<_> = error.report().iter().map(|report| report.outcome.to_string()).collect();
        let expected = [
            "panicked: the predicate broke Ming",
            "failed: an error that can't be displayed",
            "panicked: the bomb went off",
            "timed out after 1s",
            "panicked: a panic without a text",
            "succeeded",
        ];
        assert_eq!(outcomes, expected);
        assert_eq!(error.report().participants()[1].attempts, 2);
        assert!(error.to_string().contains("5 of 6 participants"), "{error}");
        assert!(matches!(error.report().participants()[0].outcome, Outcome::Panicked(_)));
        let emissions_still_work = emissions.emit(VaseMoved { vase_id: "Tang".into() });
        assert!(emissions_still_work.is_ok());
        assert_eq!(emissions.shutdown(std::time::Duration::from_secs(5)).await.parked, 2);
        let counters = emissions.counters();
        assert_eq!((counters.failed, counters.in_flight), (2, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn do_not_escape_a_dropped_emit() {
        let emissions = only(module_path!()).start().await.unwrap();
        let mut emit = Box::pin(emissions.emit_async(VaseMoved { vase_id: "Ming".into() }));
        assert!(futures::poll!(&mut emit).is_pending());
        drop(emit);
        assert_eq!(emissions.counters().dropped_cancelled, 1);
    }
}

mod payloads {
    use std::{borrow::Cow, sync::Arc};

    use emissions::{BulkCollection, GateError, RawEnvelope, event, on_event};
    use serde::{Deserialize, Serialize, Serializer};

    use crate::support::{Journal, only};

    /// A text that breaks when it is written.
    #[derive(Deserialize)]
    struct Fragile(String);

    impl Serialize for Fragile {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            assert_ne!(self.0, "panics", "the serialiser broke");
            if self.0 == "fails" {
                return Err(serde::ser::Error::custom("can't be written"));
            }
            serializer.serialize_str(&self.0)
        }
    }

    impl schemars::JsonSchema for Fragile {
        fn schema_name() -> Cow<'static, str> {
            "Fragile".into()
        }

        fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
            String::json_schema(generator)
        }
    }

    /// A glass was filled.
    #[event(name = "glass.filled")]
    struct GlassFilled {
        /// What is in it.
        drink_name: Fragile,
    }

    #[on_event]
    async fn typed(event: &GlassFilled, journal: &Journal) {
        journal.note(&event.drink_name.0);
    }

    #[on_event(name = "glass.*")]
    async fn raw(event: &RawEnvelope, journal: &Journal) {
        journal.note(format_args!("{} bytes", event.payload.len()));
    }

    #[tokio::test]
    async fn that_can_not_be_written_fail_only_who_wants_bytes() {
        for (drink, account) in [
            (
                "panics",
                "failed: serialising glass.filled panicked: assertion `left != right` failed: the serialiser broke",
            ),
            ("fails", "failed: the payload of `glass.filled` can't be serialised: the `Serialize` of a field refused"),
        ] {
            let journal = Arc::new(Journal::default());
            let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
            let error = emissions.emit_async(GlassFilled { drink_name: Fragile(drink.into()) }).await.unwrap_err();
            assert_eq!(journal.entries(), [drink], "the typed listener had it");
            let [failure] = error.failures()[..] else { panic!("{error}") };
            assert!(failure.outcome.to_string().starts_with(account), "{failure}");
            assert!(format!("{error:?}").contains("<not serialisable>"), "{error:?}");
            let _ = emissions.emit(GlassFilled { drink_name: Fragile(drink.into()) }).unwrap();
            assert_eq!(emissions.shutdown(std::time::Duration::from_secs(5)).await.parked, 2);
        }
    }

    /// A list that can't be counted.
    #[derive(Serialize, Deserialize, emissions::__private::schemars::JsonSchema)]
    #[serde(crate = "emissions::__private::serde")]
    #[schemars(crate = "emissions::__private::schemars")]
    struct Countless(Vec<String>);

    impl BulkCollection for Countless {
        fn bulk_len(&self) -> usize {
            panic!("nobody can count to {}", self.0.len())
        }
    }

    /// Stars were seen.
    #[event(name = "stars.seen", bulk = star_names, on_empty = "refuse")]
    struct StarsSeen {
        /// Names of the stars.
        star_names: Countless,
    }

    #[on_event]
    async fn gazes(_: &StarsSeen, journal: &Journal) {
        journal.note("gazed");
    }

    #[tokio::test]
    async fn that_can_not_be_counted_are_not_empty() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let _ = emissions.emit_async(StarsSeen { star_names: Countless(Vec::new()) }).await.unwrap();
        assert_eq!(journal.entries(), ["gazed"]);
    }

    /// A payload whose end is noisy.
    #[event(name = "mine.laid")]
    struct MineLaid {
        /// Mine that was laid.
        mine_id: String,
    }

    impl Drop for MineLaid {
        fn drop(&mut self) {
            assert!(std::thread::panicking() || self.mine_id != "live", "the mine went off");
        }
    }

    #[on_event]
    async fn lays(_: &MineLaid) {}

    #[tokio::test]
    async fn that_panic_when_dropped_are_no_failure_of_the_gate() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let _ = emissions.emit_async(MineLaid { mine_id: "live".into() }).await.unwrap();
        let _ = emissions.emit(MineLaid { mine_id: "live".into() }).unwrap();
        let report = emissions.shutdown(std::time::Duration::from_secs(5)).await;
        assert_eq!((report.delivered, report.lost), (2, 0));
    }

    /// Mines were cleared.
    #[event(name = "mines.cleared", bulk = mine_ids, on_empty = "open")]
    struct MinesCleared {
        /// Mines that were cleared.
        mine_ids: Vec<String>,
    }

    impl Drop for MinesCleared {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "one was left");
        }
    }

    #[on_event]
    async fn clears(_: &MinesCleared) {}

    /// A mine was found; nobody has to listen.
    #[event(name = "mine.found", gate(allow_none))]
    struct MineFound {
        /// Mine that was found.
        found_mine: String,
    }

    impl Drop for MineFound {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "{} went off", self.found_mine);
        }
    }

    #[tokio::test]
    async fn that_panic_when_dropped_do_not_shut_a_gate_nobody_holds() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let _ = emissions.emit_async(MinesCleared { mine_ids: Vec::new() }).await.unwrap();
        let _ = emissions.emit_async(MineFound { found_mine: "m".into() }).await.unwrap();
        let counters = emissions.counters();
        assert_eq!((counters.emitted, counters.delivered, counters.dropped_unheard), (2, 1, 1));
        let buffer = emissions.start();
        buffer.emit(MinesCleared { mine_ids: Vec::new() }).unwrap();
        buffer.emit(MineFound { found_mine: "m".into() }).unwrap();
        assert_eq!(buffer.commit_acked().await.unwrap().len(), 2);
    }

    /// A key that can't be written.
    #[derive(Serialize, Deserialize, emissions::__private::schemars::JsonSchema)]
    #[serde(crate = "emissions::__private::serde")]
    #[schemars(crate = "emissions::__private::schemars")]
    struct BrokenKey(String);

    impl std::fmt::Display for BrokenKey {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("the key broke off")
        }
    }

    /// A lock was turned.
    #[event(name = "lock.turned")]
    struct LockTurned {
        /// Key that turned it.
        #[field(key)]
        key_code: BrokenKey,
    }

    #[on_event]
    async fn opens(_: &LockTurned) {}

    #[tokio::test]
    async fn with_a_key_that_can_not_be_written_are_refused() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let event = || LockTurned { key_code: BrokenKey("k".into()) };
        let error = emissions.emit_async(event()).await.unwrap_err();
        assert!(matches!(error, GateError::InvalidAttribute(..)));
        assert!(error.to_string().contains("`partitionkey` can't be written as text"), "{error}");
        assert!(emissions.emit(event()).is_err());
        let _ = emissions.emission(event()).key("own").emit_async().await.unwrap();
    }
}

mod sinks_and_locks {
    use std::sync::Arc;

    use emissions::{Ctx, event, on_event};

    use crate::support::only;

    /// A bolt was struck.
    #[event(name = "bolt.struck")]
    struct BoltStruck {
        /// Bolt that was struck.
        bolt_id: String,
    }

    /// Thunder was heard.
    #[event(name = "thunder.heard")]
    struct ThunderHeard {
        /// Bolt it belongs to.
        thunder_source: String,
    }

    /// Panics when it is emitted through a context.
    struct Charged;

    impl From<Charged> for String {
        fn from(_: Charged) -> Self {
            panic!("discharged")
        }
    }

    #[on_event]
    async fn strikes(event: &BoltStruck, ctx: &Arc<Ctx0>, own: &Ctx) {
        // A panic while the listener's own buffer and task set are in use.
        own.emit(ThunderHeard { thunder_source: event.bolt_id.clone() }).unwrap();
        own.spawn(std::future::pending::<()>());
        let _ = ctx;
        own.emit(ThunderHeard { thunder_source: Charged.into() }).unwrap();
    }

    struct Ctx0;

    #[on_event]
    async fn rumbles(event: &ThunderHeard) {
        panic!("{} was emitted by a listener that failed", event.thunder_source);
    }

    #[tokio::test]
    async fn a_panic_never_spreads() {
        let emissions = only(module_path!())
            .provide(Arc::new(Ctx0))
            .on_failure(|failure| panic!("the sink panics as well: {failure}"))
            .start()
            .await
            .unwrap();
        for _ in 0..3 {
            let error = emissions.emit_async(BoltStruck { bolt_id: "b".into() }).await.unwrap_err();
            assert!(error.to_string().contains("panicked: discharged"), "{error}");
            let _ = emissions.emit(BoltStruck { bolt_id: "b".into() }).unwrap();
        }
        let report = emissions.shutdown(std::time::Duration::from_secs(5)).await;
        assert_eq!((report.parked, report.delivered, report.lost), (6, 0, 0));
    }
}
