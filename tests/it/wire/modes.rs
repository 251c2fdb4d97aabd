//! How an event of ours is written, per mode and binding.

use emissions::{
    Envelope, Event, RawEnvelope,
    envelope::{Timestamp, TraceParent},
    event,
    wire::{Binding, DecodeFault, EncodeError, STRUCTURED_CONTENT_TYPE, ValueFault},
};
use serde_json::{Value, json};

use super::any_input::OrderPlaced;

fn order() -> OrderPlaced {
    OrderPlaced {
        order_id: "o 1".to_owned(),
        customer_email: None,
        article_ids: vec![7],
        discount_percent: 2.5,
        is_gift: true,
    }
}

fn envelope() -> Envelope<OrderPlaced> {
    let mut envelope = Envelope::from_source("/orders", order());
    let head = &mut envelope.head;
    head.event_id = "0198c7d2-3b4a-7c11-9e0f-5a1b2c3d4e5f".parse().unwrap();
    head.correlation_id = "0198c7d2-0000-7000-8000-000000000001".parse().unwrap();
    head.causation_id = Some("0198c7d2-0000-7000-8000-000000000002".parse().unwrap());
    head.occurred_at = Timestamp::from_unix_micros(1_777_457_700_000_001).unwrap();
    head.subject = Some("orders/€".into());
    head.trace_parent = TraceParent::new(1, 2, 1);
    head.trace_state = Some("vendor=a".into());
    head.sequence = Some("00000000000000000042".into());
    head.attributes.insert("tenant", "ac \"me\"").unwrap();
    envelope
}

#[test]
fn structured_mode_has_every_attribute_and_the_payload_under_data() {
    let envelope = envelope();
    let bytes = RawEnvelope::encode(&envelope).unwrap().to_structured().unwrap();
    let event: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        event,
        json!({
            "specversion": "1.0",
            "id": "0198c7d2-3b4a-7c11-9e0f-5a1b2c3d4e5f",
            "source": "/orders",
            "type": "order.placed.v1",
            "time": "2026-04-29T10:15:00.000001Z",
            "datacontenttype": "application/json",
            "dataschema": "urn:emissions:order.placed:v1",
            "subject": "orders/€",
            "partitionkey": "o 1",
            "correlationid": "0198c7d2-0000-7000-8000-000000000001",
            "causationid": "0198c7d2-0000-7000-8000-000000000002",
            "traceparent": "00-00000000000000000000000000000001-0000000000000002-01",
            "tracestate": "vendor=a",
            "sequence": "00000000000000000042",
            "tenant": "ac \"me\"",
            "data": {
                "order_id": "o 1",
                "customer_email": null,
                "article_ids": [7],
                "discount_percent": 2.5,
                "is_gift": true,
            },
        })
    );
    assert!(bytes.starts_with(br#"{"specversion":"1.0","id":"#), "what routers look for comes first");
}

#[test]
fn the_schema_is_the_one_the_event_is_described_by() {
    let raw = RawEnvelope::encode(&envelope()).unwrap();
    assert_eq!(raw.data_schema().unwrap(), OrderPlaced::descriptor().schema_id());
    let id = (OrderPlaced::descriptor().schema)();
    assert_eq!(id.get("$id").and_then(Value::as_str), raw.data_schema().as_deref());
}

#[test]
fn a_structured_message_says_what_it_is() {
    let raw = RawEnvelope::encode(&envelope()).unwrap();
    let message = raw.to_structured_message().unwrap();
    assert_eq!(message.headers, [("content-type".to_owned(), STRUCTURED_CONTENT_TYPE.to_owned())]);
    assert_eq!(*message.body, *raw.to_structured().unwrap());
    for binding in [Binding::Http, Binding::Nats, Binding::Kafka, Binding::Amqp, Binding::RabbitMq] {
        assert_eq!(RawEnvelope::from_message(binding, message.headers.clone(), &*message.body).unwrap(), raw);
    }
}

#[test]
fn binary_mode_names_and_writes_headers_as_each_binding_asks() {
    let raw = RawEnvelope::encode(&envelope()).unwrap();
    for (binding, id, content_type, subject, tenant) in [
        (Binding::Http, "ce-id", "content-type", ("ce-subject", "orders/%E2%82%AC"), ("ce-tenant", "ac%20%22me%22")),
        (
            Binding::Nats,
            "ce-id",
            "ce-datacontenttype",
            ("ce-subject", "orders/%E2%82%AC"),
            ("ce-tenant", "ac%20%22me%22"),
        ),
        (Binding::Kafka, "ce_id", "content-type", ("ce_subject", "orders/€"), ("ce_tenant", "ac \"me\"")),
        (
            Binding::Amqp,
            "cloudEvents:id",
            "content-type",
            ("cloudEvents:subject", "orders/€"),
            ("cloudEvents:tenant", "ac \"me\""),
        ),
        (
            Binding::AmqpUnderscore,
            "cloudEvents_id",
            "content-type",
            ("cloudEvents_subject", "orders/€"),
            ("cloudEvents_tenant", "ac \"me\""),
        ),
        (Binding::RabbitMq, "ce-id", "content-type", ("ce-subject", "orders/€"), ("ce-tenant", "ac \"me\"")),
    ] {
        let message = raw.to_binary(binding).unwrap();
        assert_eq!(message.headers.len(), 15, "{binding:?}");
        assert_eq!(message.header(id), Some("0198c7d2-3b4a-7c11-9e0f-5a1b2c3d4e5f"), "{binding:?}");
        assert_eq!(message.header(content_type), Some("application/json"), "{binding:?}");
        assert_eq!(message.header(subject.0), Some(subject.1), "{binding:?}");
        assert_eq!(message.header(tenant.0), Some(tenant.1), "{binding:?}");
        assert!(std::sync::Arc::ptr_eq(&message.body, &raw.payload), "the payload is shared, not copied");
        assert_eq!(RawEnvelope::from_binary(binding, message.headers, &*message.body).unwrap(), raw, "{binding:?}");
    }
}

#[test]
fn an_envelope_that_was_changed_for_the_worse_is_not_written() {
    let mut envelope = envelope();
    envelope.head.event_source = "not a uri".into();
    envelope.head.subject = Some("".into());
    envelope.head.partition_key = Some("a\nce-id: b".into());
    envelope.head.event_version = 0;
    let error = RawEnvelope::encode(&envelope).unwrap_err();
    let EncodeError::Attributes { faults } = &error else { panic!("{error}") };
    let expected = [
        ("source", ValueFault::UriReference),
        ("subject", ValueFault::Empty),
        ("partitionkey", ValueFault::Character),
        ("type", ValueFault::Version),
    ];
    assert!(faults.iter().map(|(name, fault)| (name.as_str(), *fault)).eq(expected), "{error}");

    let mut raw = RawEnvelope::encode(&self::envelope()).unwrap();
    raw.payload = br#"{},"id":"other""#.as_slice().into();
    let error = raw.to_structured().unwrap_err();
    assert!(matches!(error, EncodeError::Payload { line: 1, column: 3, .. }), "{error}");
}

#[test]
fn a_number_that_json_does_not_have_is_not_written_as_null() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut envelope = envelope();
        envelope.payload.discount_percent = number;
        let error = RawEnvelope::encode(&envelope).unwrap_err();
        assert_eq!(error, EncodeError::NotFinite { event: "order.placed", field: "discount_percent" });
    }
    assert_eq!(
        EncodeError::NotFinite { event: "order.placed", field: "discount_percent" }.to_string(),
        "`discount_percent` of `order.placed` holds a number that is not finite, which JSON can't say"
    );
}

/// A course was measured.
#[event(name = "course.measured")]
struct CourseMeasured {
    /// Heights above the sea by the label of their point, wherever a number may hide.
    heights_meters: std::collections::BTreeMap<String, Vec<Option<f32>>>,
    /// Somebody's note, which is not there.
    surveyor_note: Option<String>,
}

#[test]
fn numbers_are_looked_at_wherever_they_are() {
    let course = |heights: Vec<Option<f32>>| {
        let heights_meters = [("p 1".to_owned(), vec![Some(1.0)]), ("p 2".to_owned(), heights)].into();
        Envelope::from_source("/maps", CourseMeasured { heights_meters, surveyor_note: None })
    };
    let broken = Err(EncodeError::NotFinite { event: "course.measured", field: "heights_meters" });
    assert_eq!(RawEnvelope::encode(&course(vec![None, Some(f32::NAN)])).map(drop), broken);
    assert_eq!(RawEnvelope::encode(&course(vec![Some(f32::INFINITY)])).map(drop), broken);
    RawEnvelope::encode(&course(vec![None, Some(f32::MAX)])).unwrap().decode::<CourseMeasured>().unwrap();
}

#[test]
fn another_event_and_another_version_are_told_apart() {
    let mut raw = RawEnvelope::encode(&envelope()).unwrap();
    raw.head.event_version = 3;
    let error = raw.decode::<OrderPlaced>().unwrap_err();
    assert_eq!(error.faults(), [DecodeFault::Version { name: "order.placed", found: 3, known: vec![1] }]);
    assert_eq!(error.to_string(), "`order.placed` is known here in version 1, not in 3");
    assert_eq!(error.into_bytes(), *raw.payload);

    raw.head.event_type = "order.paid".into();
    let error = raw.decode::<OrderPlaced>().unwrap_err();
    assert_eq!(
        error.faults(),
        [DecodeFault::UnknownType { found: "order.paid".to_owned(), expected: vec!["order.placed"] }]
    );
    assert_eq!(error.to_string(), "the event is `order.paid`, which is not known here: expected `order.placed`");
}

#[test]
fn an_event_is_found_among_those_that_are_known() {
    let mut raw = RawEnvelope::encode(&envelope()).unwrap();
    assert_eq!(raw.find_in([OrderPlaced::descriptor()]).unwrap().wire_type(), "order.placed.v1");
    raw.head.event_type = "order.paid".into();
    let fault = raw.find_in([]).unwrap_err();
    assert_eq!(fault.to_string(), "the event is `order.paid`, which is not known here");
    assert_eq!(fault.attribute(), Some("type"));
}

#[test]
fn a_broken_payload_names_the_field_and_the_place() {
    let mut raw = RawEnvelope::encode(&envelope()).unwrap();
    for (payload, field, said) in [
        ("", None, "the payload is broken: EOF while parsing a value at line 1 column 0"),
        ("nonsense", None, "the payload is broken: expected ident at line 1 column 2"),
        (r#"{"order_id":"o-1"}"#, None, "the payload is broken: missing field `article_ids` at line 1 column 18"),
        (
            "{\"order_id\":\"o-1\",\n \"article_ids\":[1,\"two\"]}",
            Some("article_ids"),
            "the payload is broken in `article_ids`: string where u32 is expected at line 2 column 23",
        ),
        (
            r#"{"article_ids":[-1]}"#,
            Some("article_ids"),
            "the payload is broken in `article_ids`: integer where u32 is expected at line 1 column 18",
        ),
        (
            r#"{"order_id":"a","order_id":"b"}"#,
            None,
            "the payload is broken: duplicate field `order_id` at line 1 column 26",
        ),
    ] {
        raw.payload = payload.as_bytes().into();
        let error = raw.decode::<OrderPlaced>().unwrap_err();
        assert_eq!(error.to_string(), said);
        let [DecodeFault::Payload { field: found, .. }] = error.faults() else { panic!("{error}") };
        assert_eq!(*found, field, "{payload}");
        assert_eq!(error.bytes(), payload.as_bytes());
    }
}

#[test]
fn an_error_gives_the_message_back() {
    let headers = [("ce-id", "1"), ("content-type", "application/json"), ("x-other", "kept")];
    let error = RawEnvelope::from_binary(Binding::Http, headers, "{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`specversion` is missing; `source` is missing; `type` is missing; `time` is missing"
    );
    assert_eq!(error.faults()[0].attribute(), Some("specversion"));
    let (kept, body) = error.into_message();
    assert!(kept.iter().map(|(name, value)| (name.as_str(), std::str::from_utf8(value).unwrap())).eq(headers));
    assert_eq!(body, b"{}");
}

#[test]
fn a_structured_message_is_no_binary_one() {
    let message = RawEnvelope::encode(&envelope()).unwrap().to_structured_message().unwrap();
    let error = RawEnvelope::from_binary(Binding::Http, message.headers, &*message.body).unwrap_err();
    assert!(matches!(error.faults()[0], DecodeFault::Structured { .. }), "{error}");
}
