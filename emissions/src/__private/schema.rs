//! JSON Schema of an event.

use schemars::{Schema, generate::SchemaSettings};

use crate::event::Event;

/// The schema (draft 2020-12) of what the wire carries, under the event's stable `$id`.
pub fn schema_of<E: Event>() -> Schema {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<E>();
    schema.insert("$id".to_owned(), E::descriptor().schema_id().into());
    schema
}
