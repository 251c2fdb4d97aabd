//! `#[field(string)]`: integers beyond 2^53 as JSON strings.

use std::{borrow::Cow, marker::PhantomData, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serializer, de};

/// An integer that readers with 53-bit numbers corrupt, or an option or list of such.
#[diagnostic::on_unimplemented(
    message = "`#[field(string)]` is for 64-bit integers, and `{Self}` is none",
    label = "not a 64-bit integer",
    note = "it takes u64, i64, usize, isize, u128, i128, and `Option` and `Vec` of them"
)]
pub trait IntegerText: Sized {
    #[doc(hidden)]
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    #[doc(hidden)]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
    #[doc(hidden)]
    fn schema() -> Schema;
    #[doc(hidden)]
    const OPTIONAL: bool = false;
}

fn read_text<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D, what: &str) -> Result<T, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    // `FromStr` of integers also takes a plus sign, which the schema does not.
    if text.starts_with('+') {
        return Err(de::Error::invalid_value(de::Unexpected::Str(&text), &what));
    }
    text.parse().map_err(|_| de::Error::invalid_value(de::Unexpected::Str(&text), &what))
}

macro_rules! integers {
    ($($ty:ty => $pattern:literal;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl IntegerText for $ty {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read_text(deserializer, concat!("a string with a ", stringify!($ty)))
            }
            fn schema() -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        })*
    };
}

integers! {
    u64 => "^[0-9]{1,20}$";
    i64 => "^-?[0-9]{1,19}$";
    usize => "^[0-9]{1,20}$";
    isize => "^-?[0-9]{1,19}$";
    u128 => "^[0-9]{1,39}$";
    i128 => "^-?[0-9]{1,39}$";
}

/// An item within an option or list.
struct Item<T>(T);

impl<T: IntegerText> serde::Serialize for Item<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<'de, T: IntegerText> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: IntegerText> IntegerText for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => serializer.serialize_some(&Item(value)),
            None => serializer.serialize_none(),
        }
    }
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Item<T>>::deserialize(deserializer)?.map(|item| item.0))
    }
    fn schema() -> Schema {
        let item = T::schema();
        json_schema!({ "anyOf": [item, { "type": "null" }] })
    }
    const OPTIONAL: bool = true;
}

#[diagnostic::do_not_recommend]
impl<T: IntegerText> IntegerText for Vec<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Item))
    }
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Item<T>>::deserialize(deserializer)?.into_iter().map(|item| item.0).collect())
    }
    fn schema() -> Schema {
        let item = T::schema();
        json_schema!({ "type": "array", "items": item })
    }
}

/// Writes the field.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<T: IntegerText, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// Reads the field.
///
/// # Errors
///
/// The text is no integer of this type, or those of the deserializer.
pub fn deserialize<'de, T: IntegerText, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// Stands for the field in the schema.
pub struct AsText<T>(PhantomData<T>);

impl<T: IntegerText> JsonSchema for AsText<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("IntegerText")
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}
