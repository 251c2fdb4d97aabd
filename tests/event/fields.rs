//! Fields of events: shared fields, keys, integers as strings.

use std::{collections::BTreeMap, num::NonZeroU64};

use emissions::{Event, SharedField, event, shared_field};
use serde_json::json;

/// Account of a person.
#[shared_field(name = "user_id")]
#[derive(Clone, Copy, Debug, PartialEq)]
struct UserId(u64);

/// Number of an import, too large for readers with 53-bit numbers.
#[shared_field(name = "import_id")]
#[derive(Debug, PartialEq)]
struct ImportId(#[field(string)] u64);

type Alias = Option<Vec<u64>>;

/// Somebody signed up.
#[event(name = "user.signed_up")]
#[derive(Debug, PartialEq)]
struct SignedUp {
    /// Who.
    #[field(key)]
    user_id: UserId,
    /// Import that brought them.
    import_id: Option<ImportId>,
    /// People who invited them.
    inviter_ids: Alias,
    /// Sizes of their address books.
    book_counts: BTreeMap<String, u32>,
    /// Never zero.
    shard_id: NonZeroU64,
    /// Their own numbers.
    #[field(string)]
    legacy_ids: Option<Vec<i64>>,
    /// Not on the wire.
    #[serde(skip)]
    id: u64,
}

fn sample() -> SignedUp {
    SignedUp {
        user_id: UserId(7),
        import_id: Some(ImportId(u64::MAX)),
        inviter_ids: None,
        book_counts: BTreeMap::from([("work".to_owned(), 2)]),
        shard_id: NonZeroU64::MIN,
        legacy_ids: Some(vec![i64::MIN, 1]),
        id: 0,
    }
}

#[test]
fn shared_fields_are_transparent_and_known() {
    assert_eq!(serde_json::to_value(UserId(7)).unwrap(), json!(7));
    let descriptor = UserId::shared_field();
    assert_eq!((descriptor.name, descriptor.doc), ("user_id", "Account of a person."));
    assert!(descriptor.rust_path.ends_with("fields::UserId"));
    assert!(descriptor.location.file.ends_with("fields.rs"));
    let of = |name: &str| SignedUp::descriptor().fields.iter().find(|field| field.name == name).unwrap();
    assert_eq!((of("user_id").shared)().map(|shared| shared.name), Some("user_id"));
    assert_eq!((of("import_id").shared)().map(|shared| shared.name), Some("import_id"), "although it may be absent");
    assert!((of("shard_id").shared)().is_none());
}

#[test]
fn a_shared_field_is_a_key_by_its_value() {
    assert_eq!(sample().partition_key().as_deref(), Some("7"));
}

#[test]
fn a_shared_field_that_displays_itself_is_a_key_by_that() {
    #[shared_field(name = "line_ids")]
    struct LineIds(Vec<u8>);

    impl std::fmt::Display for LineIds {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{} lines", self.0.len())
        }
    }

    #[event(name = "order.split")]
    struct Split {
        #[field(key)]
        line_ids: LineIds,
    }
    assert_eq!(Split { line_ids: LineIds(vec![1, 2]) }.partition_key().as_deref(), Some("2 lines"));
}

#[test]
fn a_shared_field_may_keep_its_value_private() {
    mod private {
        /// Nobody outside can name this.
        #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        struct Inside {
            part_id: u8,
        }

        #[expect(unreachable_pub, reason = "the value is less visible than the shared field")]
        #[emissions::shared_field(name = "part")]
        pub struct Part(Inside);

        pub(super) fn part() -> Part {
            Part(Inside { part_id: 1 })
        }
    }
    assert_eq!(serde_json::to_value(private::part()).unwrap(), json!({ "part_id": 1 }));
}

#[test]
fn wide_integers_are_seen_through_aliases_and_wrappers() {
    let wide: Vec<&str> = SignedUp::descriptor().fields.iter().filter(|f| f.wide_integer).map(|f| f.name).collect();
    assert_eq!(wide, ["user_id", "inviter_ids", "shard_id"]);
}

#[test]
fn integers_as_strings_round_trip() {
    let json = serde_json::to_value(sample()).unwrap();
    assert_eq!(
        json,
        json!({
            "user_id": 7, "import_id": "18446744073709551615", "inviter_ids": null, "book_counts": { "work": 2 },
            "shard_id": 1, "legacy_ids": ["-9223372036854775808", "1"]
        })
    );
    assert_eq!(serde_json::from_value::<SignedUp>(json).unwrap(), sample());
}

#[test]
fn an_absent_option_is_none_although_it_is_written_as_a_string() {
    let json = r#"{"user_id":7,"book_counts":{},"shard_id":1}"#;
    let event: SignedUp = serde_json::from_str(json).unwrap();
    assert_eq!((event.import_id, event.legacy_ids), (None, None));
}

#[test]
fn texts_that_are_no_such_integer_are_refused() {
    for text in ["1", "\"\"", "\"+1\"", "\"-1\"", "\"1.0\"", "\" 1\"", "\"18446744073709551616\"", "null", "[]"] {
        serde_json::from_str::<ImportId>(text).expect_err(text);
    }
}

#[test]
fn the_schema_tells_strings_from_numbers() {
    let schema = serde_json::to_value((SignedUp::descriptor().schema)()).unwrap();
    let properties = &schema["properties"];
    assert_eq!(properties["legacy_ids"]["anyOf"][0]["items"]["type"], "string", "{schema}");
    assert_eq!(properties["user_id"]["$ref"], "#/$defs/UserId", "{schema}");
    assert_eq!(schema["$defs"]["UserId"]["type"], "integer", "{schema}");
    assert_eq!(schema["$defs"]["ImportId"]["type"], "string", "{schema}");
    assert!(properties["id"].is_null(), "{schema}");
    assert_eq!(schema["$defs"]["ImportId"]["pattern"], "^[0-9]{1,20}$", "{schema}");
}
