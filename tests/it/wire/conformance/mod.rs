//! Conformance, judged by the official SDKs: what we write they read, what they write we read, and
//! what is wrong both refuse. Where an SDK departs from the specification is written down here.

mod judge;

use std::{collections::BTreeSet, env, fs, path::Path};

use emissions::{
    Envelope, Event, RawEnvelope, Uuid,
    envelope::{Timestamp, TraceParent},
    event,
    wire::Binding,
};
use serde_json::{Map, Value, json};

use self::judge::{Judge, Writing, hexadecimal};
use super::any_input::{self, OrderPlaced};

/// A binding of ours, and what a judge calls it.
type Route = (Binding, &'static str);

const PYTHON: &[Route] = &[
    (Binding::Http, "http"),
    (Binding::Http, "older-http"),
    (Binding::Kafka, "kafka"),
    (Binding::Amqp, "amqp"),
    (Binding::AmqpUnderscore, "amqp"),
    (Binding::RabbitMq, "rabbitmq"),
];

const JAVASCRIPT: &[Route] = &[(Binding::Http, "http"), (Binding::Kafka, "kafka")];

fn envelope(change: impl FnOnce(&mut Envelope<OrderPlaced>)) -> RawEnvelope {
    let order = OrderPlaced {
        order_id: "o-1".to_owned(),
        customer_email: Some("ada@example.com".to_owned()),
        article_ids: vec![7, 8],
        discount_percent: 2.5,
        is_gift: true,
    };
    let mut envelope = Envelope::from_source("/orders", order);
    envelope.head.occurred_at = Timestamp::from_unix_micros(1_777_457_700_123_456).unwrap();
    change(&mut envelope);
    RawEnvelope::encode(&envelope).unwrap()
}

/// Events of ours that a judge has to understand.
fn ours() -> Vec<(&'static str, RawEnvelope)> {
    let minimal = envelope(|_| ());
    let full = envelope(|envelope| {
        let head = &mut envelope.head;
        head.subject = Some("orders/o-1".into());
        head.causation_id = Some(Uuid::now_v7());
        head.trace_parent = TraceParent::new(1, 2, 1);
        head.trace_state = Some("vendor=a,other=b".into());
        head.sequence = Some("00000000000000000042".into());
        head.attributes.insert("tenant", "acme").unwrap();
    });
    let awkward = envelope(|envelope| {
        let head = &mut envelope.head;
        head.event_source = "https://example.com/a%20b?c=d#e".into();
        head.subject = Some("Euro € 😀 \"quoted\" \\ 100% a+b".into());
        head.attributes.insert("tenant", "%41 \"").unwrap();
        "€ \" \\ \n \u{1} 😀".clone_into(&mut envelope.payload.order_id);
    });
    let mut foreign = minimal.to_structured().unwrap();
    let id = minimal.event_id.to_string();
    let text = String::from_utf8(std::mem::take(&mut foreign)).unwrap().replace(&id, "A234-1234-1234");
    let foreign = RawEnvelope::from_structured(text).unwrap();
    vec![("minimal", minimal), ("full", full), ("awkward", awkward), ("foreign", foreign)]
}

/// Attributes and payload as the structured mode has them.
fn parts(raw: &RawEnvelope) -> (Map<String, Value>, Value) {
    let mut members: Map<String, Value> = serde_json::from_slice(&raw.to_structured().unwrap()).unwrap();
    let data = members.remove("data").unwrap();
    (members, data)
}

/// How fine a judge keeps times.
fn cut(attributes: &mut Map<String, Value>, micros: i64) {
    if let Some(Value::String(time)) = attributes.get_mut("time") {
        let read: Timestamp = time.parse().unwrap_or_else(|error| panic!("{error}"));
        *time = Timestamp::from_unix_micros(read.unix_micros().div_euclid(micros) * micros).unwrap().to_string();
    }
}

fn they_read_what_we_write(
    judge: &Judge,
    routes: &[Route],
    micros: i64,
    departs: impl Fn(&str, &mut Map<String, Value>),
) {
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for (name, raw) in ours() {
        for (binding, called) in routes {
            let binary = raw.to_binary(*binding).unwrap();
            let structured = raw.to_structured_message().unwrap();
            for (mode, message) in [("binary", binary), ("structured", structured)] {
                requests.push(json!({
                    "binding": called,
                    "headers": message.headers,
                    "key": raw.partition_key.as_deref(),
                    "body": hexadecimal(&message.body),
                }));
                expected.push((format!("{name}, {called}, {mode}"), parts(&raw)));
            }
        }
    }
    let answer = judge.ask(&json!({ "read": requests, "write": [], "schemas": [] }));
    assert_eq!(answer.read.len(), expected.len());
    for (mut reading, (case, (mut attributes, data))) in answer.read.into_iter().zip(expected) {
        assert!(reading.accepted, "{}: {case}: {}", judge.name, reading.error);
        cut(&mut attributes, micros);
        cut(&mut reading.attributes, micros);
        reading.attributes.retain(|_, value| !value.is_null());
        departs(&case, &mut attributes);
        assert_eq!(reading.attributes, attributes, "{}: {case}", judge.name);
        assert_eq!(reading.data, data, "{}: {case}", judge.name);
    }
}

/// What an SDK is asked to write.
fn theirs() -> Vec<(&'static str, Value, Value)> {
    let data = json!({ "order_id": "o-1", "article_ids": [1], "discount_percent": 0.5, "is_gift": false });
    let base = json!({
        "specversion": "1.0",
        "id": "A234-1234-1234",
        "source": "/legacy",
        "type": "order.placed.v1",
        "time": "2026-04-29T10:15:00.123Z",
        "datacontenttype": "application/json",
    });
    let with = |changes: Value| {
        let mut attributes = base.clone();
        attributes.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        attributes
    };
    vec![
        ("minimal", base.clone(), data.clone()),
        (
            "full",
            with(json!({
                "subject": "orders/o-1",
                "dataschema": "https://example.com/order.json",
                "partitionkey": "o-1",
                "correlationid": "saga-7",
                "causationid": "command-3",
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "tracestate": "vendor=a",
                "sequence": "42",
                "tenant": "acme",
            })),
            data.clone(),
        ),
        ("awkward", with(json!({ "subject": "Euro € 😀 \"quoted\" 100%", "tenant": " a " })), data.clone()),
        ("scalars", with(json!({ "attempt": 3, "level": -1, "flagged": true })), data.clone()),
    ]
}

fn read(route: &Route, written: &Writing) -> Result<RawEnvelope, String> {
    RawEnvelope::from_message(route.0, written.headers.clone(), written.body()).map_err(|error| error.to_string())
}

/// `departs` says how a case comes out where an SDK does not write what it was asked to.
fn we_read_what_they_write(
    judge: &Judge,
    routes: &[Route],
    departs: impl Fn(&str, &mut Map<String, Value>) -> Result<(), &'static str>,
) {
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for (name, attributes, data) in theirs() {
        for route in routes {
            for mode in ["binary", "structured"] {
                requests.push(json!({ "binding": route.1, "mode": mode, "attributes": attributes, "data": data }));
                expected.push((format!("{name}, {}, {mode}", route.1), route, attributes.clone(), data.clone()));
            }
        }
    }
    let answer = judge.ask(&json!({ "read": [], "write": requests, "schemas": [] }));
    assert_eq!(answer.write.len(), expected.len());
    for (written, (case, route, attributes, data)) in answer.write.iter().zip(expected) {
        let Value::Object(mut attributes) = attributes else { unreachable!("attributes are members") };
        // What the type of an attribute was is not kept: in headers it can't be.
        for value in attributes.values_mut() {
            *value = value.as_str().map_or_else(|| value.to_string(), str::to_owned).into();
        }
        if !attributes.contains_key("correlationid") {
            attributes.insert("correlationid".to_owned(), attributes["id"].clone());
        }
        cut(&mut attributes, 1);
        let read = read(route, written);
        if let Err(refusal) = departs(&case, &mut attributes) {
            assert_eq!(read.unwrap_err(), refusal, "{}: {case}", judge.name);
            continue;
        }
        let raw = read.unwrap_or_else(|error| panic!("{}: {case}: {error}", judge.name));
        assert_eq!(parts(&raw), (attributes, data), "{}: {case}", judge.name);
        raw.decode::<OrderPlaced>().unwrap_or_else(|error| panic!("{}: {case}: {error}", judge.name));
    }
}

/// Valid events of an SDK that are none for us, and bytes that are.
fn we_refuse_what_is_not_for_us(judge: &Judge, routes: &[Route]) {
    let (_, base, data) = theirs().swap_remove(0);
    let with = |name: &str, value: &str| {
        let mut attributes = base.clone();
        attributes[name] = value.into();
        attributes
    };
    let bytes = hexadecimal(data.to_string().as_bytes());
    let cases = [
        (json!({ "attributes": with("type", "com.example.order"), "data": data }), Some("type")),
        (json!({ "attributes": with("datacontenttype", "text/plain"), "data": "words" }), Some("datacontenttype")),
        (json!({ "attributes": base, "bytes": bytes }), None),
    ];
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for (case, refused) in cases {
        for route in routes {
            for mode in ["binary", "structured"] {
                let mut request = case.clone();
                request["binding"] = route.1.into();
                request["mode"] = mode.into();
                requests.push(request);
                expected.push((format!("{refused:?}, {}, {mode}", route.1), route, refused));
            }
        }
    }
    let answer = judge.ask(&json!({ "read": [], "write": requests, "schemas": [] }));
    for (written, (case, route, refused)) in answer.write.iter().zip(expected) {
        let read = RawEnvelope::from_message(route.0, written.headers.clone(), written.body());
        match (read, refused) {
            (Err(error), Some(attribute)) => {
                assert_eq!(error.faults()[0].attribute(), Some(attribute), "{}: {case}: {error}", judge.name);
                assert_eq!(error.bytes(), written.body(), "{}: {case}", judge.name);
            }
            (Ok(raw), None) => assert_eq!(parts(&raw).1, data, "{}: {case}", judge.name),
            (read, _) => panic!("{}: {case}: {read:?}", judge.name),
        }
    }
}

/// What no reader of CloudEvents takes for an event.
const MUST_REFUSE: [&str; 14] = [
    "refused/array.json",
    "refused/cut.json",
    "refused/empty-object.json",
    "refused/empty.json",
    "refused/name-empty.json",
    "refused/name-underscore.json",
    "refused/name-upper-case.json",
    "refused/no-headers.http",
    "refused/no-source.json",
    "refused/no-type.json",
    "refused/number.json",
    "refused/specversion-0.3.json",
    "refused/text.json",
    "refused/trailing.json",
];

/// What the judge makes of every vector where that is not what we make of it: most are laws of the
/// specification that the SDK leaves to its user.
fn verdicts(judge: &Judge, routes: &[&str]) {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut names = Vec::new();
    let mut requests = Vec::new();
    for folder in ["accepted", "refused"] {
        let files: BTreeSet<_> =
            fs::read_dir(vectors.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        for file in files {
            let extension = file.extension().unwrap().to_str().unwrap();
            let (binding, structured) = if extension == "json" { ("http", true) } else { (extension, false) };
            if !routes.contains(&binding) {
                continue;
            }
            let bytes = fs::read(&file).unwrap();
            let (headers, body) = if structured {
                (vec![("content-type".to_owned(), b"application/cloudevents+json".to_vec())], &*bytes)
            } else {
                any_input::message(&bytes)
            };
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name, String::from_utf8_lossy(value))).collect();
            names.push(format!("{folder}/{}", file.file_name().unwrap().to_str().unwrap()));
            requests.push(json!({ "binding": binding, "headers": headers, "key": null, "body": hexadecimal(body) }));
        }
    }
    let answer = judge.ask(&json!({ "read": requests, "write": [], "schemas": [] }));
    for (name, reading) in names.iter().zip(&answer.read) {
        if MUST_REFUSE.contains(&name.as_str()) {
            assert!(!reading.accepted, "{}: {name}", judge.name);
        }
    }
    let lines: Vec<_> = names
        .iter()
        .zip(answer.read)
        .filter(|(name, reading)| reading.accepted != name.starts_with("accepted/"))
        .map(|(name, reading)| format!("{name}: {}\n", if reading.accepted { "accepted" } else { "refused" }))
        .collect();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("conformance/{}/verdicts.txt", judge.name));
    if env::var_os("EMISSIONS_BLESS").is_some() {
        fs::write(&golden, lines.concat()).unwrap();
    }
    assert_eq!(lines.concat(), fs::read_to_string(golden).unwrap(), "{}", judge.name);
}

/// HTTP binding, section 3.1.3.2: a receiver undoes the percent-encoding. Two SDKs do not.
fn still_encoded(attributes: &mut Map<String, Value>) {
    for (name, value) in [
        ("source", "https://example.com/a%2520b?c=d#e"),
        ("subject", "Euro%20%E2%82%AC%20%F0%9F%98%80%20%22quoted%22%20\\%20100%25%20a+b"),
        ("tenant", "%2541%20%22"),
    ] {
        attributes[name] = value.into();
    }
}

/// The same section: a sender encodes. The same two SDKs do not, and what they send then can't be
/// told from what is broken.
const NOT_ENCODED: &str = "`subject` has a `%` without two hexadecimal digits after it";

#[test]
fn python_agrees() {
    let Some(judge) = Judge::python() else { return };
    they_read_what_we_write(&judge, PYTHON, 1, |case, attributes| {
        if case == "awkward, older-http, binary" {
            still_encoded(attributes);
        }
    });
    // Nothing of theirs writes AMQP with attributes that are all text.
    let writers: Vec<_> = PYTHON.iter().copied().filter(|(_, called)| *called != "amqp").collect();
    we_read_what_they_write(&judge, &writers, |case, attributes| {
        // "Type System": the canonical texts are `true` and `false`. Python's own go into headers.
        if case.starts_with("scalars") && case.ends_with("binary") {
            attributes["flagged"] = "True".into();
        }
        if case == "awkward, older-http, binary" { Err(NOT_ENCODED) } else { Ok(()) }
    });
    we_refuse_what_is_not_for_us(&judge, &writers);
    verdicts(&judge, &["http", "kafka", "amqp", "rabbitmq"]);
}

#[test]
fn javascript_agrees() {
    let Some(judge) = Judge::javascript() else { return };
    // A `Date` of JavaScript has milliseconds.
    they_read_what_we_write(&judge, JAVASCRIPT, 1000, |case, attributes| {
        if case == "awkward, http, binary" {
            still_encoded(attributes);
        }
    });
    we_read_what_they_write(&judge, JAVASCRIPT, |case, _| match case {
        "awkward, http, binary" => Err(NOT_ENCODED),
        _ => Ok(()),
    });
    we_refuse_what_is_not_for_us(&judge, JAVASCRIPT);
    verdicts(&judge, &["http", "kafka"]);
}

/// A parcel was handed to its receiver.
#[event(name = "parcel.delivered", version = 3)]
struct ParcelDelivered {
    /// Parcel that was handed over.
    #[field(key)]
    parcel_id: Uuid,
    /// Receipt of the carrier; beyond 2^53.
    #[field(string)]
    receipt_number: u64,
    /// Who took it, if not the receiver.
    #[field(sensitive)]
    neighbour_name: Option<String>,
    /// Weight at the door.
    weight_grams: u32,
    /// Where it lay on the way.
    depot_ids: Vec<i16>,
    /// Whether somebody signed.
    is_signed: bool,
}

#[test]
fn payloads_fit_their_schemas() {
    let Some(judge) = Judge::python() else { return };
    let parcel = |neighbour_name: Option<&str>, receipt_number| ParcelDelivered {
        parcel_id: Uuid::now_v7(),
        receipt_number,
        neighbour_name: neighbour_name.map(str::to_owned),
        weight_grams: u32::MAX,
        depot_ids: vec![i16::MIN, 0, i16::MAX],
        is_signed: false,
    };
    let payload = |raw: &RawEnvelope| serde_json::from_slice::<Value>(&raw.payload).unwrap();
    let parcels: Vec<_> = [parcel(None, 0), parcel(Some("Ada €"), u64::MAX)]
        .into_iter()
        .map(|parcel| payload(&RawEnvelope::encode(&Envelope::from_source("/parcels", parcel)).unwrap()))
        .collect();
    let broken = |changes: &[(&str, Option<Value>)]| -> Vec<Value> {
        changes
            .iter()
            .map(|(name, value)| {
                let mut parcel = parcels[1].clone();
                match value {
                    Some(value) => parcel[*name] = value.clone(),
                    None => drop(parcel.as_object_mut().unwrap().remove(*name)),
                }
                parcel
            })
            .collect()
    };
    let broken_parcels = broken(&[
        ("parcel_id", None),
        ("parcel_id", Some(json!("no uuid"))),
        ("receipt_number", Some(json!(7))),
        ("receipt_number", Some(json!("seven"))),
        ("weight_grams", Some(json!(-1))),
        ("weight_grams", Some(json!("1"))),
        ("depot_ids", Some(json!([1, "two"]))),
        ("is_signed", Some(json!(null))),
    ]);
    let orders: Vec<_> = ours().iter().map(|(_, raw)| payload(raw)).collect();
    let mut broken_order = orders[0].clone();
    broken_order["article_ids"] = json!([-1]);

    let answer = judge.ask(&json!({ "read": [], "write": [], "schemas": [
        { "schema": (ParcelDelivered::descriptor().schema)(), "samples": parcels, "broken": broken_parcels },
        { "schema": (OrderPlaced::descriptor().schema)(), "samples": orders, "broken": [broken_order] },
    ] }));
    assert_eq!(answer.schemas.len(), 2);
    for validation in &answer.schemas {
        assert_eq!(validation.errors, [""; 0]);
        assert!(validation.refused.iter().all(|refused| *refused), "{:?}", validation.refused);
    }
}
