//! Routes are worked out at start, and explained.

use emissions::{Adapter, Capabilities, Delivery, RawEnvelope, adapters::Memory, event, registry::ViolationCode};

use crate::support::only;

/// A bill was paid.
#[event(name = "bill.paid", delivery = "durable")]
pub(crate) struct BillPaid {
    /// Bill the event is about.
    bill_id: u64,
}

/// A bill was sent.
#[event(name = "bill.sent")]
pub(crate) struct BillSent {
    /// Bill the event is about.
    bill_id: u64,
}

struct Durable;

impl Adapter for Durable {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default().durable()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        Delivery::acked(batch)
    }
}

#[tokio::test]
async fn everything_wrong_with_routes_is_reported_at_once() {
    let error = only(module_path!())
        .adapter("audit", Durable)
        .adapter("audit", Durable)
        .adapter("idle", Durable)
        .route("bill.**", "audit")
        .route("bill.*", "adit")
        .route("Bill.", "audit")
        .start()
        .await
        .unwrap_err();
    let codes: Vec<_> = error.violations().unwrap().iter().map(|violation| violation.code).collect();
    assert_eq!(
        codes,
        [
            ViolationCode::InvalidPattern,
            ViolationCode::UnknownAdapter,
            ViolationCode::UnroutedAdapter,
            ViolationCode::RepeatedAdapter
        ]
    );
    let text = error.to_string();
    assert!(text.contains("the route `bill.*` leads to `adit`, which is no adapter"), "{text}");
    assert!(text.contains("no route leads to the adapter `idle`"), "{text}");
}

#[tokio::test]
async fn an_event_that_asks_for_more_than_its_route_can_give_is_refused_naming_both() {
    let builder = || only(module_path!()).adapter("memory", Memory::new());
    let error = builder().route("**", "memory").start().await.unwrap_err();
    let violations = error.violations().unwrap();
    assert_eq!(violations.len(), 1);
    let violation = violations.iter().next().unwrap();
    assert_eq!(violation.code, ViolationCode::WeakRoute);
    assert!(violation.fact.contains("`bill.paid.v1`") && violation.fact.contains("`memory`"), "{violation}");
    assert!(violation.places[0].location.file.ends_with("pipeline_routes.rs"), "{violation}");
    builder().route("bill.sent", "memory").start().await.unwrap();
}

#[tokio::test]
async fn a_route_is_explained() {
    let emissions = only(module_path!())
        .adapter("audit", Durable)
        .adapter("memory", Memory::new())
        .route("bill.**", "audit")
        .route("bill.sent", "memory")
        .route("**", "audit")
        .start()
        .await
        .unwrap();
    let sent = emissions.route_of::<BillSent>();
    assert_eq!(sent.adapters().collect::<Vec<_>>(), ["audit", "memory"]);
    assert_eq!(
        sent.to_string(),
        "bill.sent.v1 goes to 2 adapter(s)\n  audit (durable), by `bill.**` and `**`\n  \
         memory (ordered, dedupe, headers), by `bill.sent`"
    );
    assert_eq!(emissions.route_of::<BillPaid>().adapters().collect::<Vec<_>>(), ["audit"]);
    let emissions = only(module_path!()).start().await.unwrap();
    assert_eq!(
        emissions.route_of::<BillSent>().to_string(),
        "bill.sent.v1 goes to no adapter: no route matches its name"
    );
}
