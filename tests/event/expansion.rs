//! What `#[event]` makes of a struct.

use emissions::{
    Event,
    event::{BulkRule, DeliveryNeed, GateRule, OnEmpty},
};

/// The address book of one account was written in bulk.
///
/// Emitted once per import.
#[emissions::event(
    name = "contact.bulk_upserted",
    version = 2,
    gate(min = 3),
    bulk = contact_emails,
    on_empty = "refuse",
    owner = "team-contacts",
    deprecated = "use contact.imported",
    delivery = "durable_ordered"
)]
#[derive(Debug, PartialEq)]
struct ContactsBulkUpserted {
    /// Account that owns the address book.
    #[field(key)]
    user_id: String,
    /// Lower-cased addresses that now exist.
    #[field(sensitive)]
    contact_emails: Vec<String>,
    /// Import that wrote them.
    #[field(string)]
    import_id: u64,
    /// Row the import began with.
    first_row_id: Option<u64>,
}

fn sample() -> ContactsBulkUpserted {
    ContactsBulkUpserted {
        user_id: "u-1".to_owned(),
        contact_emails: vec!["a@b.c".to_owned()],
        import_id: u64::MAX,
        first_row_id: None,
    }
}

#[test]
fn the_keys_reach_the_descriptor() {
    let descriptor = ContactsBulkUpserted::descriptor();
    assert_eq!(ContactsBulkUpserted::NAME, "contact.bulk_upserted");
    assert_eq!(ContactsBulkUpserted::VERSION, 2);
    assert_eq!(descriptor.wire_type(), "contact.bulk_upserted.v2");
    assert_eq!(descriptor.schema_id(), "urn:emissions:contact.bulk_upserted:v2");
    assert_eq!(descriptor.gate, GateRule::AtLeast(3));
    assert_eq!(descriptor.bulk, Some(BulkRule { field: "contact_emails", on_empty: OnEmpty::Refuse }));
    assert_eq!(descriptor.owner, Some("team-contacts"));
    assert_eq!(descriptor.deprecated, Some("use contact.imported"));
    assert_eq!(descriptor.delivery, DeliveryNeed::DurableOrdered);
    assert_eq!(descriptor.doc, "The address book of one account was written in bulk.\n\nEmitted once per import.");
    assert_eq!(descriptor.crate_name, "emissions-tests");
    assert!(descriptor.rust_path.ends_with("expansion::ContactsBulkUpserted"), "{}", descriptor.rust_path);
    assert_eq!((descriptor.type_id)(), std::any::TypeId::of::<ContactsBulkUpserted>());
}

#[test]
fn the_fields_reach_the_descriptor() {
    let [user_id, emails, import_id, first_row_id] = ContactsBulkUpserted::descriptor().fields else {
        panic!("four fields")
    };
    assert_eq!(
        (user_id.name, user_id.wire_name, user_id.type_text, (user_id.type_name)()),
        ("user_id", "user_id", "String", "alloc::string::String")
    );
    assert_eq!(user_id.doc, "Account that owns the address book.");
    assert!(user_id.key && !user_id.sensitive && !user_id.wide_integer && !user_id.as_string);
    assert!((user_id.shared)().is_none());
    assert!(emails.sensitive && !emails.key);
    assert_eq!(emails.type_text, "Vec<String>");
    assert!(import_id.as_string && !import_id.wide_integer);
    assert!(first_row_id.wide_integer && !first_row_id.as_string);
}

#[test]
fn locations_point_at_names() {
    let descriptor = ContactsBulkUpserted::descriptor();
    let source = include_str!("expansion.rs");
    let at = |line: u32, column: u32| &source.lines().nth(line as usize - 1).unwrap()[column as usize - 1..];
    assert!(descriptor.location.file.ends_with("expansion.rs"), "{}", descriptor.location);
    assert!(
        at(descriptor.location.line, descriptor.location.column).starts_with("ContactsBulkUpserted"),
        "{}",
        descriptor.location
    );
    for field in descriptor.fields {
        assert!(at(field.location.line, field.location.column).starts_with(field.name), "{}", field.location);
    }
}

#[test]
fn payloads_round_trip_as_json() {
    let json = serde_json::to_value(sample()).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "user_id": "u-1", "contact_emails": ["a@b.c"], "import_id": "18446744073709551615", "first_row_id": null
        })
    );
    assert_eq!(serde_json::from_value::<ContactsBulkUpserted>(json).unwrap(), sample());
}

#[test]
fn key_and_bulk_come_from_the_named_fields() {
    assert_eq!(sample().partition_key().as_deref(), Some("u-1"));
    assert_eq!(sample().bulk_len(), Some(1));
    assert_eq!(ContactsBulkUpserted { user_id: String::new(), ..sample() }.partition_key(), None);
}

#[test]
fn the_schema_is_complete() {
    let schema = serde_json::to_value((ContactsBulkUpserted::descriptor().schema)()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["$id"], "urn:emissions:contact.bulk_upserted:v2");
    assert_eq!(schema["title"], "ContactsBulkUpserted");
    assert_eq!(schema["properties"]["user_id"]["description"], "Account that owns the address book.");
    assert_eq!(schema["properties"]["contact_emails"]["x-sensitive"], true);
    assert_eq!(schema["properties"]["import_id"]["type"], "string");
    assert_eq!(schema["required"], serde_json::json!(["user_id", "contact_emails", "import_id", "first_row_id"]));
}
