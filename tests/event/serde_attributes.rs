//! The user's derives and serde attributes, beside `#[event]`.

use emissions::{Event, event};
use serde_json::json;

/// Everything derived by the user, under several spellings.
#[event(name = "order.created")]
#[derive(Debug, PartialEq, serde::Serialize, ::serde::Deserialize, Clone)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrderCreated {
    order_id: u32,
    /// Renamed by itself.
    #[serde(rename = "customer-email", alias = "email")]
    customer_address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coupon_id: Option<u32>,
    #[serde(skip)]
    id: Option<std::num::NonZeroU8>,
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    is_vip: bool,
    #[serde(default = "seven")]
    line_count: u8,
}

fn seven() -> u8 {
    7
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(value: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if *value { "yes" } else { "no" })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        Ok(String::deserialize(deserializer)? == "yes")
    }
}

#[test]
fn the_wire_follows_the_attributes() {
    let event = OrderCreated {
        order_id: 1,
        customer_address: "a@b.c".to_owned(),
        coupon_id: None,
        id: None,
        is_vip: true,
        line_count: 2,
    };
    let json = json!({ "orderId": 1, "customer-email": "a@b.c", "isVip": "yes", "lineCount": 2 });
    assert_eq!(serde_json::to_value(&event).unwrap(), json);
    assert_eq!(serde_json::from_value::<OrderCreated>(json).unwrap(), event);
    let older = json!({ "orderId": 1, "email": "a@b.c", "isVip": "no" });
    assert_eq!(serde_json::from_value::<OrderCreated>(older).unwrap().line_count, 7);
    serde_json::from_value::<OrderCreated>(json!({ "orderId": 1, "email": "a", "isVip": "no", "more": 1 }))
        .expect_err("unknown fields are denied");
}

#[test]
fn the_descriptor_has_the_names_of_the_wire() {
    let names: Vec<_> = OrderCreated::descriptor().fields.iter().map(|field| field.wire_name).collect();
    assert_eq!(names, ["orderId", "customer-email", "couponId", "isVip", "lineCount"]);
}

#[test]
fn the_schema_follows_the_attributes() {
    let schema = serde_json::to_value((OrderCreated::descriptor().schema)()).unwrap();
    let mut properties: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    properties.sort_unstable();
    assert_eq!(properties, ["couponId", "customer-email", "isVip", "lineCount", "orderId"]);
    assert_eq!(schema["required"], json!(["orderId", "customer-email", "isVip", "lineCount"]));
    assert_eq!(schema["properties"]["isVip"]["type"], "string");
    assert_eq!(schema["additionalProperties"], false);
}

/// The name on the wire is the one serde writes, for every rule it knows.
#[test]
fn every_rename_rule_is_applied_as_serde_does() {
    macro_rules! with_rule {
        ($($event:ident $rule:literal)*) => {
            $({
                #[event(name = "order.renamed")]
                #[serde(rename_all = $rule)]
                struct $event {
                    first_order_id: u8,
                    customer2_name: u8,
                    _hidden_id: u8,
                    r#async_id: u8,
                }
                let event = $event { first_order_id: 1, customer2_name: 2, _hidden_id: 3, r#async_id: 4 };
                let json = serde_json::to_value(event).unwrap();
                let names: std::collections::BTreeSet<_> = $event::descriptor().fields.iter().map(|f| f.wire_name.to_owned()).collect();
                let written: std::collections::BTreeSet<_> = json.as_object().unwrap().keys().cloned().collect();
                assert_eq!(names, written, $rule);
            })*
        };
    }
    with_rule! {
        Lower "lowercase"
        Upper "UPPERCASE"
        Pascal "PascalCase"
        Camel "camelCase"
        Snake "snake_case"
        ScreamingSnake "SCREAMING_SNAKE_CASE"
        Kebab "kebab-case"
        ScreamingKebab "SCREAMING-KEBAB-CASE"
    }
}

/// Words of the user's own reach the schema: schemars derives it then.
#[test]
fn schemars_attributes_work_beside_field_options() {
    #[event(name = "order.rated")]
    struct Rated {
        /// Stars the customer gave.
        #[schemars(range(min = 1, max = 5), example = 4)]
        star_count: u8,
        #[field(sensitive)]
        customer_email: String,
        #[field(string)]
        customer_id: Option<u64>,
    }
    let rated: Rated = serde_json::from_str(r#"{"star_count":5,"customer_email":"a@b.c"}"#).unwrap();
    let written = json!({ "star_count": 5, "customer_email": "a@b.c", "customer_id": null });
    assert_eq!(serde_json::to_value(rated).unwrap(), written);
    let schema = serde_json::to_value((Rated::descriptor().schema)()).unwrap();
    let stars = &schema["properties"]["star_count"];
    assert_eq!((&stars["maximum"], &stars["examples"]), (&json!(5), &json!([4])));
    assert_eq!(schema["properties"]["customer_email"]["x-sensitive"], true);
    assert_eq!(schema["properties"]["customer_id"]["anyOf"][0]["type"], "string");
    assert_eq!(schema["required"], json!(["star_count", "customer_email", "customer_id"]));
}

/// Points in time are RFC 3339 text.
#[test]
fn timestamps_travel_as_text() {
    use emissions::envelope::Timestamp;

    #[event(name = "order.paid")]
    struct Paid {
        paid_at: Timestamp,
    }
    let event: Paid = serde_json::from_str(r#"{"paid_at":"2026-04-29T12:15:00.5+02:00"}"#).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"paid_at":"2026-04-29T10:15:00.500000Z"}"#);
    let schema = serde_json::to_value((Paid::descriptor().schema)()).unwrap();
    assert_eq!(schema["properties"]["paid_at"], json!({ "type": "string", "format": "date-time" }));
    assert!(serde_json::from_str::<Paid>(r#"{"paid_at":"yesterday"}"#).is_err());
}
