//! Questions about a field's type that only the compiler can answer.

use std::{any::TypeId, borrow::Cow, fmt::Display, marker::PhantomData};

use super::shape::{Refused, WideInteger};
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

impl<T: 'static> FieldType<Option<T>> {
    pub fn value_type(&self) -> TypeId {
        TypeId::of::<T>()
    }
}

/// The answer for a type whose value is never absent.
pub trait NotOptional {
    fn value_type(&self) -> TypeId;
}

impl<T: ?Sized + 'static> NotOptional for FieldType<T> {
    fn value_type(&self) -> TypeId {
        TypeId::of::<T>()
    }
}

impl<T: WideInteger> FieldType<T> {
    pub const WIDE: bool = true;
}

/// The answer for a type that is no 64-bit integer.
pub trait NotWide {
    const WIDE: bool = false;
}

impl<T: ?Sized> NotWide for FieldType<T> {}

impl<T: SharedWidth> FieldType<T> {
    pub const WIDE_INSIDE: bool = T::WIDE;
}

/// The answer for a type that wraps nothing known.
pub trait NotWideInside {
    const WIDE_INSIDE: bool = false;
}

impl<T: ?Sized> NotWideInside for FieldType<T> {}

/// Whether a shared field is written as a bare 64-bit integer.
pub trait SharedWidth {
    const WIDE: bool;
}

impl<T: SharedWidth> SharedWidth for Option<T> {
    const WIDE: bool = T::WIDE;
}

impl<T: SharedWidth> SharedWidth for Vec<T> {
    const WIDE: bool = T::WIDE;
}

impl<T: Refused + ?Sized> FieldType<T> {
    pub const REFUSED: Option<&'static str> = Some(T::WHY);
}

/// The answer for a type that nothing is known against.
pub trait NotRefused {
    const REFUSED: Option<&'static str> = None;
}

impl<T: ?Sized> NotRefused for FieldType<T> {}

/// Stops the compiler at a field whose type readers can't parse safely, under whatever alias.
///
/// # Panics
///
/// At compile time, with the reason.
#[track_caller]
pub const fn accept_shape(refused: Option<&'static str>) {
    if let Some(why) = refused {
        panic!("{}", why);
    }
}

/// A shared field as a partition key.
pub trait SharedKey {
    /// Whether the value inside has a text form.
    const HAS_TEXT: bool;

    /// That text; none where it is empty.
    fn key_text(&self) -> Option<Cow<'static, str>>;
}

impl<T: Display> FieldType<T> {
    pub const HAS_TEXT: bool = true;
}

/// The answer for a type that does not display itself.
pub trait NoText {
    const HAS_TEXT: bool = false;
}

impl<T: ?Sized> NoText for FieldType<T> {}

impl<T: SharedKey> FieldType<T> {
    pub const NO_KEY: Option<&'static str> = if T::HAS_TEXT {
        None
    } else {
        Some(
            "the key of an event is text, and the value of this shared field has no text form: implement `Display` for it",
        )
    };
}

/// The answer for a type that is no shared field.
pub trait NotSharedKey {
    const NO_KEY: Option<&'static str> = None;
}

impl<T: ?Sized> NotSharedKey for FieldType<T> {}

/// Turns a field into a partition key. Asked as `(&&KeyOf(..)).key_text()`, resolution tries
/// [`KeyByDisplay`], then [`KeyByValue`], and at last [`NoKey`], which explains itself.
pub struct KeyOf<'a, T: ?Sized>(pub &'a T);

/// An empty key is none.
fn not_empty(key: String) -> Option<Cow<'static, str>> {
    Some(key).filter(|key| !key.is_empty()).map(Cow::Owned)
}

/// A field that displays itself.
pub trait KeyByDisplay {
    fn key_text(&self) -> Option<Cow<'static, str>>;
}

impl<T: Display + ?Sized> KeyByDisplay for &KeyOf<'_, T> {
    fn key_text(&self) -> Option<Cow<'static, str>> {
        not_empty(self.0.to_string())
    }
}

/// A shared field, by its value.
pub trait KeyByValue {
    fn key_text(&self) -> Option<Cow<'static, str>>;
}

impl<T: SharedKey + ?Sized> KeyByValue for &&KeyOf<'_, T> {
    fn key_text(&self) -> Option<Cow<'static, str>> {
        self.0.key_text()
    }
}

/// The value of a shared field that displays itself, or not: [`SharedKey::HAS_TEXT`] says which.
pub trait TextOrNone {
    fn text_or_none(&self) -> Option<Cow<'static, str>>;
}

impl<T: Display + ?Sized> TextOrNone for KeyOf<'_, T> {
    fn text_or_none(&self) -> Option<Cow<'static, str>> {
        not_empty(self.0.to_string())
    }
}

/// The other half of [`TextOrNone`].
pub trait NoneAtAll {
    fn text_or_none(&self) -> Option<Cow<'static, str>> {
        None
    }
}

impl<T: ?Sized> NoneAtAll for &KeyOf<'_, T> {}

/// What no type is: the words for a field that can't be a key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the key of an event",
    label = "has no text form",
    note = "implement `Display` for it: events whose keys have the same text keep their order"
)]
pub trait PartitionKey {}

/// Every other field.
pub trait NoKey {
    type Field: ?Sized;
    fn key_text(&self) -> Option<Cow<'static, str>>
    where
        Self::Field: PartitionKey;
}

impl<T: ?Sized> NoKey for KeyOf<'_, T> {
    type Field = T;
    fn key_text(&self) -> Option<Cow<'static, str>>
    where
        T: PartitionKey,
    {
        None
    }
}

/// Length of the field named by `bulk`.
pub fn bulk_len<T: BulkCollection + ?Sized>(field: &T) -> usize {
    field.bulk_len()
}
