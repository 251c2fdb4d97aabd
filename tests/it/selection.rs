//! Which events a listener gets: patterns, predicates, envelopes.

mod patterns {
    use std::sync::Arc;

    use emissions::{RawEnvelope, event, on_event};

    use crate::support::{Journal, only};

    /// A ship was loaded.
    #[event(name = "ship.loaded")]
    struct ShipLoaded {
        /// Ship that was loaded.
        ship_name: String,
    }

    /// A deck of a ship was scrubbed.
    #[event(name = "ship.deck.scrubbed", version = 2)]
    struct DeckScrubbed {
        /// Ship whose deck it is.
        deck_owner: String,
    }

    /// A car was loaded.
    #[event(name = "car.loaded", gate(allow_none))]
    struct CarLoaded {
        /// Car that was loaded.
        car_id: String,
    }

    #[on_event(name = "ship.*")]
    async fn one_segment(event: &RawEnvelope, journal: &Journal) {
        journal.note(format_args!("ship.* {}", event.wire_type()));
    }

    #[on_event(name = "ship.**")]
    async fn many_segments(event: &RawEnvelope, journal: &Journal) {
        let payload: serde_json::Value = serde_json::from_slice(&event.payload).unwrap();
        journal.note(format_args!(
            "ship.** {} {}",
            event.wire_type(),
            payload.as_object().unwrap().values().next().unwrap()
        ));
    }

    #[tokio::test]
    async fn reach_listeners_by_name() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
        let loaded = emissions.emit_async(ShipLoaded { ship_name: "Vasa".into() }).await.unwrap();
        let scrubbed = emissions.emit_async(DeckScrubbed { deck_owner: "Vasa".into() }).await.unwrap();
        let car = emissions.emit_async(CarLoaded { car_id: "c".into() }).await.unwrap();
        assert_eq!([loaded.report().len(), scrubbed.report().len(), car.report().len()], [2, 1, 0]);
        let expected =
            ["ship.* ship.loaded.v1", r#"ship.** ship.deck.scrubbed.v2 "Vasa""#, r#"ship.** ship.loaded.v1 "Vasa""#];
        assert_eq!(journal.sorted(), expected);
    }
}

mod predicates {
    use std::sync::Arc;

    use emissions::{Envelope, Outcome, RawEnvelope, SkipReason, event, on_event};

    use crate::support::{Journal, only};

    /// A bid was placed.
    #[event(name = "bid.placed")]
    struct BidPlaced {
        /// Bid in cents.
        bid_cents: u32,
    }

    fn is_high(event: &BidPlaced) -> bool {
        event.bid_cents >= 100
    }

    fn has_subject(event: &Envelope<BidPlaced>) -> bool {
        event.subject.is_some()
    }

    fn is_large(event: &RawEnvelope) -> bool {
        event.payload.len() > 16
    }

    #[on_event(when = is_high)]
    async fn high(_: &BidPlaced, journal: &Journal) {
        journal.note("high");
    }

    #[on_event(when = has_subject)]
    async fn with_subject(event: &Envelope<BidPlaced>, journal: &Journal) {
        journal.note(format_args!("subject {}", event.subject.as_deref().unwrap()));
    }

    #[on_event(name = "bid.**", when = is_large)]
    async fn large(_: &RawEnvelope, journal: &Journal) {
        journal.note("large");
    }

    #[tokio::test]
    async fn leave_out_who_does_not_want_the_event() {
        let journal = Arc::new(Journal::default());
        let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();

        let gate = emissions.emit_async(BidPlaced { bid_cents: 5 }).await.unwrap();
        assert_eq!(journal.entries(), [""; 0]);
        assert_eq!(gate.report().len(), 3);
        for report in gate.report() {
            assert!(matches!(report.outcome, Outcome::Skipped(SkipReason::NotSelected)), "{report}");
            assert_eq!(report.attempts, 0);
        }

        let emission = emissions.emission(BidPlaced { bid_cents: 5_000 }).subject("lot/7");
        let _ = emission.emit_async().await.unwrap();
        assert_eq!(journal.sorted(), ["high", "large", "subject lot/7"]);
    }
}
