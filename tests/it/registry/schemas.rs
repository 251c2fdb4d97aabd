//! The schema of an event is what its payloads follow, in the words of an independent validator.

use std::{collections::BTreeSet, time::Duration};

use emissions::{Event, Registry, Uuid, envelope::Timestamp, event, event::EventDescriptor, shared_field};
use jsonschema::Validator;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Warehouse of the company, by its number on the gate.
#[shared_field(name = "warehouse_id")]
#[derive(Clone)]
struct WarehouseId(#[field(string)] u64);

/// Where goods go.
#[derive(Clone, Serialize, Deserialize, emissions::__private::schemars::JsonSchema)]
#[schemars(crate = "emissions::__private::schemars")]
struct Address {
    /// Street and house.
    street_line: String,
    /// What stands before the town, where there is one.
    postal_code: Option<String>,
}

/// How goods travel.
#[derive(Clone, Serialize, Deserialize, emissions::__private::schemars::JsonSchema)]
#[schemars(crate = "emissions::__private::schemars")]
#[serde(rename_all = "snake_case")]
enum Carriage {
    Bike,
    Lorry { axle_count: u8 },
}

/// Goods left the house.
#[event(name = "goods.shipped", version = 3)]
#[derive(Clone)]
struct GoodsShipped {
    /// Shipment they left in.
    #[field(key)]
    shipment_id: Uuid,
    /// House they left.
    warehouse_id: WarehouseId,
    /// Number on the invoice, wider than a reader's number.
    #[field(string)]
    invoice_number: u64,
    /// The same of a partner, where there is one.
    #[field(string)]
    partner_invoice_number: Option<i128>,
    /// When they left.
    shipped_at: Timestamp,
    /// How long the way takes.
    transit: Duration,
    /// What it weighs.
    #[schemars(range(min = 0.0), example = 1.5)]
    weight_kg: f64,
    /// Where it goes.
    recipient_address: Address,
    /// Where it goes if nobody is there.
    neighbour_address: Option<Address>,
    /// How it goes.
    carriage: Carriage,
    /// What is in it, each once.
    article_codes: Vec<String>,
    /// Whether it breaks.
    is_fragile: bool,
    /// Left out where nobody wrote one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    greeting: Option<String>,
    /// Who packed it.
    #[field(sensitive)]
    packer_name: String,
}

/// Nothing more to say.
#[event(name = "warehouse.emptied")]
struct WarehouseEmptied {}

/// A name on the wire of its own.
#[event(name = "warehouse.painted")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WarehousePainted {
    /// Colour it has now.
    wall_colour: String,
    /// How many litres it took.
    #[serde(rename = "paintLitres")]
    paint_used_litres: u32,
}

fn full() -> GoodsShipped {
    GoodsShipped {
        shipment_id: Uuid::from_u128(7),
        warehouse_id: WarehouseId(u64::MAX),
        invoice_number: u64::MAX,
        partner_invoice_number: Some(i128::MIN),
        shipped_at: Timestamp::now(),
        transit: Duration::from_millis(1_500),
        weight_kg: 0.25,
        recipient_address: Address { street_line: "1 Main Street".to_owned(), postal_code: Some("12345".to_owned()) },
        neighbour_address: Some(Address { street_line: "3 Main Street".to_owned(), postal_code: None }),
        carriage: Carriage::Lorry { axle_count: 3 },
        article_codes: vec!["a".to_owned(), "b".to_owned()],
        is_fragile: true,
        greeting: Some("welcome".to_owned()),
        packer_name: "Ada".to_owned(),
    }
}

fn sparse() -> GoodsShipped {
    GoodsShipped {
        partner_invoice_number: None,
        neighbour_address: None,
        carriage: Carriage::Bike,
        article_codes: Vec::new(),
        greeting: None,
        ..full()
    }
}

fn painted() -> WarehousePainted {
    WarehousePainted { wall_colour: "red".to_owned(), paint_used_litres: 40 }
}

fn schema_of(event: &EventDescriptor) -> Value {
    serde_json::to_value((event.schema)()).expect("a schema is JSON")
}

fn validator(event: &EventDescriptor) -> Validator {
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    options.build(&schema_of(event)).unwrap_or_else(|error| panic!("{}: {error}", event.name))
}

/// The payload as it was written, and why the schema refuses it.
fn refusals<E: Event>(payload: &Value) -> Vec<String> {
    let validator = validator(E::descriptor());
    validator.iter_errors(payload).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn written<E: Event>(event: &E) -> Value {
    let payload: Value = serde_json::from_str(&serde_json::to_string(event).expect("it is written")).expect("as JSON");
    assert!(serde_json::from_value::<E>(payload.clone()).is_ok(), "what is written can be read: {payload}");
    payload
}

#[test]
fn what_is_written_follows_the_schema() {
    for event in [full(), sparse()] {
        assert_eq!(refusals::<GoodsShipped>(&written(&event)), Vec::<String>::new());
    }
    assert_eq!(refusals::<WarehousePainted>(&written(&painted())), Vec::<String>::new());
    assert_eq!(refusals::<WarehouseEmptied>(&written(&WarehouseEmptied {})), Vec::<String>::new());
}

#[test]
fn every_required_field_is_missed_and_the_others_are_not() {
    let payload = written(&full());
    for name in payload.as_object().unwrap().keys() {
        let mut without = payload.clone();
        without.as_object_mut().unwrap().remove(name);
        let refused = !refusals::<GoodsShipped>(&without).is_empty();
        assert_eq!(refused, name != "greeting", "without {name}");
    }
}

#[test]
fn values_of_another_shape_are_refused() {
    let payload = written(&full());
    for (name, wrong) in [
        ("shipment_id", json!("not a uuid")),
        ("shipment_id", json!(7)),
        ("warehouse_id", json!(7)),
        ("invoice_number", json!(7)),
        ("invoice_number", json!("seven")),
        ("partner_invoice_number", json!(7)),
        ("shipped_at", json!("yesterday")),
        ("transit", json!("long")),
        ("weight_kg", json!(-1)),
        ("weight_kg", json!("heavy")),
        ("recipient_address", json!(null)),
        ("recipient_address", json!({ "street_line": 7, "postal_code": null })),
        ("neighbour_address", json!({})),
        ("carriage", json!("plane")),
        ("article_codes", json!([1])),
        ("is_fragile", json!("yes")),
        ("packer_name", json!(null)),
    ] {
        let mut changed = payload.clone();
        changed[name] = wrong.clone();
        assert!(!refusals::<GoodsShipped>(&changed).is_empty(), "{name} = {wrong} passed");
    }
    let mut more = written(&painted());
    more["roof_colour"] = json!("blue");
    assert!(!refusals::<WarehousePainted>(&more).is_empty(), "`deny_unknown_fields` is in the schema");
}

#[test]
fn names_docs_formats_and_examples_are_in_it() {
    let schema = schema_of(GoodsShipped::descriptor());
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["$id"], "urn:emissions:goods.shipped:v3");
    assert_eq!(schema["description"], "Goods left the house.");
    let properties = &schema["properties"];
    assert_eq!(properties["shipment_id"]["format"], "uuid");
    assert_eq!(properties["shipped_at"]["format"], "date-time");
    assert_eq!(properties["weight_kg"]["examples"], json!([1.5]));
    assert_eq!(properties["packer_name"]["x-sensitive"], true);
    assert_eq!(schema["$defs"]["Address"]["properties"]["street_line"]["description"], "Street and house.");
    let painted = schema_of(WarehousePainted::descriptor());
    let names: Vec<_> = painted["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["paintLitres", "wallColour"]);
}

/// Of every event that this binary declares anywhere.
#[test]
fn every_schema_is_one_and_says_what_every_field_means() {
    let registry = Registry::collect();
    let mut names = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for event in registry.events() {
        let schema = schema_of(event);
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{}: {error}", event.name));
        assert_eq!(schema["$id"], event.schema_id());
        assert_eq!(schema["type"], "object", "{schema}");
        names.insert((event.name, event.version));
        ids.insert(event.schema_id());
        assert_eq!(schema, schema_of(event), "the same every time");
        for field in event.fields {
            let property = &schema["properties"][field.wire_name];
            assert!(property.is_object() || property == true, "{} of {}: {schema}", field.wire_name, event.name);
            if !field.doc.is_empty() && !field.doc.contains('\n') {
                assert_eq!(property["description"], field.doc, "{} of {}", field.wire_name, event.name);
            }
            assert_eq!(property["x-sensitive"] == true, field.sensitive, "{} of {}", field.wire_name, event.name);
        }
    }
    assert_eq!(ids.len(), names.len(), "one `$id` for each name and version");
}
