//! Events of other software, whose ids are any text.

use emissions::{Envelope, RawEnvelope, Uuid};
use serde_json::{Value, json};

use super::any_input::OrderPlaced;

fn foreign(changes: Value) -> RawEnvelope {
    let mut event = json!({
        "specversion": "1.0",
        "id": "A234-1234-1234",
        "source": "/legacy",
        "type": "order.placed.v1",
        "time": "2026-04-29T10:15:00Z",
        "data": { "order_id": "o-1", "article_ids": [], "discount_percent": 0.0, "is_gift": false },
    });
    let Value::Object(changes) = changes else { panic!("changes are members") };
    event.as_object_mut().unwrap().extend(changes);
    RawEnvelope::from_structured(event.to_string()).unwrap()
}

fn written(raw: &RawEnvelope) -> Value {
    serde_json::from_slice(&raw.to_structured().unwrap()).unwrap()
}

#[test]
fn an_id_that_is_no_uuid_is_derived_and_its_text_goes_on() {
    let raw = foreign(json!({ "correlationid": "saga 7", "causationid": "command#3" }));
    assert_eq!(raw.event_id.get_version_num(), 5);
    assert_eq!(raw.wire_id(), "A234-1234-1234");
    assert_eq!(raw.wire_correlation_id(), "saga 7");
    assert_eq!(raw.wire_causation_id().as_deref(), Some("command#3"));
    let again = written(&raw);
    assert_eq!(
        (&again["id"], &again["correlationid"], &again["causationid"]),
        (&json!("A234-1234-1234"), &json!("saga 7"), &json!("command#3"))
    );
}

#[test]
fn derived_ids_are_fixed_for_ever() {
    // Stored ids would not be found again if these changed. Computed with another implementation of
    // RFC 9562, section 5.5.
    let raw = foreign(json!({ "correlationid": "saga 7", "causationid": "command#3" }));
    assert_eq!(raw.event_id.to_string(), "061e6856-a1a6-53bc-a897-cdd5b27dc3a2");
    assert_eq!(raw.correlation_id.to_string(), "ef1d4faa-7170-5ce6-aa21-044a676c52f2");
    assert_eq!(raw.causation_id.unwrap().to_string(), "c4a2175d-e54c-5820-80bc-d6ab290a4435");
}

#[test]
fn an_id_belongs_to_its_source_and_a_correlation_id_to_nobody() {
    let here = foreign(json!({ "correlationid": "saga 7" }));
    let there = foreign(json!({ "correlationid": "saga 7", "source": "/other" }));
    assert_ne!(here.event_id, there.event_id);
    assert_eq!(here.correlation_id, there.correlation_id);
}

#[test]
fn a_uuid_in_another_spelling_is_that_uuid_and_keeps_its_spelling() {
    let id = "0198C7D2-3B4A-7C11-9E0F-5A1B2C3D4E5F";
    let raw = foreign(json!({ "id": id }));
    assert_eq!(raw.event_id, id.parse::<Uuid>().unwrap());
    assert_eq!(written(&raw)["id"], id);
    for other in ["0198c7d23b4a7c119e0f5a1b2c3d4e5f", "{0198c7d2-3b4a-7c11-9e0f-5a1b2c3d4e5f}"] {
        let raw = foreign(json!({ "id": other }));
        assert_ne!(raw.event_id, id.parse::<Uuid>().unwrap(), "{other} is a text of somebody's own making");
        assert_eq!(written(&raw)["id"], other);
    }
}

#[test]
fn without_a_correlation_id_an_event_is_the_first_of_its_chain() {
    let raw = foreign(json!({ "id": "0198c7d2-3b4a-7c11-9e0f-5a1b2c3d4e5f" }));
    assert_eq!(raw.correlation_id, raw.event_id);
    let raw = foreign(json!({}));
    assert_eq!(raw.wire_correlation_id(), raw.wire_id());
    assert_eq!(RawEnvelope::from_structured(raw.to_structured().unwrap()).unwrap(), raw);
}

#[test]
fn what_a_foreign_event_causes_says_so_in_its_words() {
    let cause =
        foreign(json!({ "correlationid": "saga 7", "tracestate": "vendor=a" })).decode::<OrderPlaced>().unwrap();
    let mut effect = Envelope::from_source("/orders", cause.payload);
    effect.head.set_cause(&cause.head);
    assert_eq!(effect.correlation_id, cause.head.correlation_id);
    assert_eq!(effect.trace_state, cause.head.trace_state);
    let raw = RawEnvelope::encode(&effect).unwrap();
    let event = written(&raw);
    assert_eq!((&event["correlationid"], &event["causationid"]), (&json!("saga 7"), &json!("A234-1234-1234")));
    assert_eq!(event["id"], effect.event_id.to_string());
    assert_eq!(RawEnvelope::from_structured(raw.to_structured().unwrap()).unwrap().head, effect.head);
}

#[test]
fn what_an_event_of_ours_causes_has_its_ids() {
    let cause = foreign(json!({ "id": "0198c7d2-3b4a-7c11-9e0f-5a1b2c3d4e5f" })).decode::<OrderPlaced>().unwrap();
    let mut effect = Envelope::from_source("/orders", cause.payload);
    effect.head.set_cause(&cause.head);
    assert_eq!(effect.causation_id, Some(cause.head.event_id));
    assert_eq!(effect.correlation_id, cause.head.correlation_id);
}

#[test]
fn an_id_put_in_the_place_of_a_foreign_one_is_the_one_that_is_written() {
    let mut raw = foreign(json!({}));
    raw.head.event_id = Uuid::nil();
    assert_eq!(raw.wire_id(), Uuid::nil().to_string());
    assert_eq!(written(&raw)["id"], Uuid::nil().to_string());
}

#[test]
fn a_schema_of_other_software_goes_on_and_none_is_invented() {
    let raw = foreign(json!({ "dataschema": "https://example.com/order.json" }));
    assert_eq!(written(&raw)["dataschema"], "https://example.com/order.json");
    let raw = foreign(json!({}));
    assert_eq!(written(&raw).get("dataschema"), None);
    let raw = foreign(json!({ "dataschema": "urn:emissions:order.placed:v1" }));
    assert_eq!(written(&raw)["dataschema"], "urn:emissions:order.placed:v1");
}
