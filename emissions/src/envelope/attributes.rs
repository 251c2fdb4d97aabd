//! Metadata given to an emit: CloudEvents extension attributes.

use std::{collections::BTreeMap, sync::Arc};

use super::text::{excerpt, is_attribute_name, is_attribute_text};

/// Extension attributes of one envelope, sorted by name; a clone shares them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Option<Arc<BTreeMap<String, String>>>);

impl Attributes {
    /// Value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.as_ref()?.get(name).map(String::as_str)
    }

    /// All attributes, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|map| map.iter()).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Number of attributes.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |map| map.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an attribute; a second value for one name replaces the first.
    ///
    /// # Errors
    ///
    /// The name is not 1 to 20 lower-case letters and digits, or belongs to the envelope itself
    /// (CloudEvents 1.0.2, "Attribute Naming Convention"); the value has a control character or a
    /// Unicode noncharacter (the same, "Type System"). The attributes are then as before.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) -> Result<(), AttributeError> {
        let (name, value) = (name.into(), value.into());
        if !is_attribute_name(&name) {
            return Err(AttributeError::Name { name: excerpt(&name) });
        }
        if RESERVED.contains(&name.as_str()) {
            return Err(AttributeError::Reserved { name });
        }
        if !is_attribute_text(&value) {
            return Err(AttributeError::Value { name });
        }
        Arc::make_mut(self.0.get_or_insert_default()).insert(name, value);
        Ok(())
    }
}

/// Names the envelope uses itself.
const RESERVED: &[&str] = &[
    "causationid",
    "correlationid",
    "data",
    "datacontenttype",
    "dataschema",
    "id",
    "partitionkey",
    "sequence",
    "source",
    "specversion",
    "subject",
    "time",
    "traceparent",
    "tracestate",
    "type",
];

/// Why metadata can't become an extension attribute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttributeError {
    /// The name has other characters, or too many.
    #[error("`{name}` is no attribute name: use 1 to 20 lower-case letters and digits")]
    Name {
        /// The name as given, escaped and cut after 80 characters.
        name: String,
    },
    /// The name belongs to the envelope.
    #[error("`{name}` is an attribute of the envelope itself: choose another name")]
    Reserved {
        /// The name as given.
        name: String,
    },
    /// The value could not be read from the event: writing the field as text panicked.
    #[error("the value of `{name}` can't be written as text: the field's `Display` panicked")]
    Unreadable {
        /// The name of the attribute.
        name: String,
    },
    /// The value has a character that CloudEvents forbids.
    #[error("the value of `{name}` has a control character or a Unicode noncharacter")]
    Value {
        /// The name as given.
        name: String,
    },
}
