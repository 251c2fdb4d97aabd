//! JSON Schema of an event.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value};

use crate::event::Event;

/// The schema (draft 2020-12) of what the wire carries, under the event's stable `$id`.
pub fn schema_of<E: Event>() -> Schema {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<E>();
    schema.insert("$id".to_owned(), E::descriptor().schema_id().into());
    schema
}

/// One field of an event, as its schema tells it.
pub struct FieldSchema {
    pub name: &'static str,
    pub doc: &'static str,
    /// Whether no value keeps it from being written.
    pub always_written: bool,
    /// Whether reading fails without it.
    pub always_read: bool,
    pub sensitive: bool,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Schema of an event's field.
pub fn field_schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Schema of a struct with named fields; `closed` if it takes no others.
pub fn object_schema(generator: &mut SchemaGenerator, doc: &str, closed: bool, fields: &[FieldSchema]) -> Schema {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        let mut schema = (field.schema)(generator);
        describe(&mut schema, field.doc);
        if field.sensitive {
            schema.insert("x-sensitive".to_owned(), Value::Bool(true));
        }
        properties.insert(field.name.to_owned(), schema.into());
        if if generator.contract().is_serialize() { field.always_written } else { field.always_read } {
            required.push(field.name);
        }
    }
    let mut schema = json_schema!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    if closed {
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    describe(&mut schema, doc);
    schema
}

/// Schema of a newtype that is written as its value.
pub fn value_schema<T: JsonSchema>(generator: &mut SchemaGenerator, doc: &str) -> Schema {
    let mut schema = generator.subschema_for::<T>();
    describe(&mut schema, doc);
    schema
}

fn describe(schema: &mut Schema, doc: &str) {
    if !doc.is_empty() {
        schema.insert("description".to_owned(), doc.into());
    }
}
