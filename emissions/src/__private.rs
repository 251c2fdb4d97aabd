//! Everything generated code may use. Not public API.

pub use core;
pub use inventory;
pub use schemars;
pub use serde;
pub use serde_json;
pub use std;

pub use crate::{
    event::{
        BulkRule, DeliveryNeed, Event, EventDescriptor, EventSlot, FieldDescriptor, GateRule, OnEmpty, SharedField,
        SharedFieldDescriptor, SourceLocation,
    },
    plan::plan_of,
};

pub use self::{
    fields::{FieldType, NotShared, NotWide, bulk_len, key_text},
    integer_text::AsText,
    schema::schema_of,
};

mod fields;
pub mod integer_text;
mod schema;

inventory::collect!(&'static EventDescriptor);
