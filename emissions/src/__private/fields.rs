//! Questions about a field's type that only the compiler can answer.

use std::{borrow::Cow, fmt::Display, marker::PhantomData};

use super::integer_text::IntegerText;
use crate::{
    bulk::BulkCollection,
    event::{SharedField, SharedFieldDescriptor},
};

/// Asks a field's type what it is, without a bound on it: resolution finds the inherent item of
/// [`FieldType`] only where its bound holds, and the trait's otherwise.
pub struct FieldType<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> FieldType<T> {
    #[expect(clippy::new_without_default, reason = "generated code calls it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: SharedField + ?Sized> FieldType<T> {
    pub fn shared(&self) -> Option<&'static SharedFieldDescriptor> {
        Some(T::shared_field())
    }
}

/// The answer for a type that is no shared field.
pub trait NotShared {
    fn shared(&self) -> Option<&'static SharedFieldDescriptor> {
        None
    }
}

impl<T: ?Sized> NotShared for FieldType<T> {}

impl<T: IntegerText> FieldType<T> {
    pub const WIDE: bool = true;
}

/// The answer for a type that is no 64-bit integer.
pub trait NotWide {
    const WIDE: bool = false;
}

impl<T: ?Sized> NotWide for FieldType<T> {}

/// A partition key as text; an empty one is none.
pub fn key_text<T: Display + ?Sized>(value: &T) -> Option<Cow<'_, str>> {
    Some(value.to_string()).filter(|key| !key.is_empty()).map(Cow::Owned)
}

/// Length of the field named by `bulk`.
pub fn bulk_len<T: BulkCollection + ?Sized>(field: &T) -> usize {
    field.bulk_len()
}
