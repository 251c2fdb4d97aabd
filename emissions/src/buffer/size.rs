//! How many bytes an event has as JSON, without writing it.
//!
//! Buffers with a limit in bytes ask this at every emit, so it is counted instead of written:
//! numbers by their digits, texts by their length and what has to be escaped. What is rare in an
//! event (floating point, raw JSON, keys of maps that are no text) is left to `serde_json`, which
//! writes it to nowhere; so are errors, whose text is then its own.

use std::{fmt, io};

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::dispatch::contain::contain;

/// Bytes of a value as JSON, as `serde_json` writes it.
pub(crate) fn json_len<T: Serialize>(value: &T) -> Result<usize, String> {
    contain(|| {
        let mut bytes = 0;
        match value.serialize(value_of(&mut bytes)) {
            Ok(()) => Ok(bytes),
            Err(Unusual) => {
                let mut written = Written(0);
                serde_json::to_writer(&mut written, value).map(|()| written.0)
            }
        }
    })
    .map_err(|panic| format!("its serialiser panicked: {panic}"))?
    .map_err(|error| error.to_string())
}

/// Counts what is written to it.
struct Written(usize);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts one value; a key of a map has to be a text.
struct Counter<'a, const KEY: bool> {
    bytes: &'a mut usize,
}

/// Counts a value that may be anything.
fn value_of(bytes: &mut usize) -> Counter<'_, false> {
    Counter { bytes }
}

/// Not counted here.
#[derive(Debug)]
struct Unusual;

impl fmt::Display for Unusual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not counted here")
    }
}

impl std::error::Error for Unusual {}

impl Error for Unusual {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Bytes that a text has more as JSON than as it is, without its quotes.
#[inline]
fn escapes(text: &str) -> usize {
    let bytes = text.as_bytes();
    // Almost no text has any: eight bytes are looked at together, and only a text that has some twice.
    let (words, rest) = bytes.as_chunks::<8>();
    let clean = words.iter().all(|word| !has_escapes(u64::from_ne_bytes(*word)));
    let last = match bytes.last_chunk::<8>() {
        Some(last) => u64::from_ne_bytes(*last),
        None => {
            let mut padded = [b' '; 8];
            padded[..rest.len()].copy_from_slice(rest);
            u64::from_ne_bytes(padded)
        }
    };
    if clean && !has_escapes(last) { 0 } else { slowly(bytes) }
}

/// Whether any of eight bytes is a quote, a backslash or below a space.
///
/// A byte is zero if subtracting one borrows and its own highest bit was not set; a borrow may make a
/// neighbour look so too, which costs a second look and no more.
#[inline]
fn has_escapes(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let below = |limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let equal = |byte: u8| {
        let zero = word ^ (ONES * u64::from(byte));
        zero.wrapping_sub(ONES) & !zero
    };
    (below(b' ') | equal(b'"') | equal(b'\\')) & HIGHEST != 0
}

#[cold]
fn slowly(bytes: &[u8]) -> usize {
    let more = |byte: &u8| match byte {
        b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    bytes.iter().map(more).sum()
}

const QUOTES: usize = 2;
const BRACKETS: usize = 2;
const COLON: usize = 1;
const COMMA: usize = 1;

impl<'a, const KEY: bool> Counter<'a, KEY> {
    /// Something that is no text.
    #[inline]
    fn add(self, bytes: usize) -> Result<(), Unusual> {
        if KEY {
            return Err(Unusual);
        }
        *self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }

    #[inline]
    fn text(self, text: &str) {
        *self.bytes = self.bytes.saturating_add(text.len() + escapes(text) + QUOTES);
    }

    /// What is between brackets, with commas.
    #[inline]
    fn items(self) -> Result<Items<'a>, Unusual> {
        if KEY {
            return Err(Unusual);
        }
        *self.bytes = self.bytes.saturating_add(BRACKETS);
        Ok(Items { bytes: self.bytes, first: true })
    }

    /// The only field of an object, up to its value.
    fn variant(self, variant: &str) -> Result<&'a mut usize, Unusual> {
        if KEY {
            return Err(Unusual);
        }
        let Self { bytes } = self;
        value_of(bytes).text(variant);
        *bytes = bytes.saturating_add(COLON + BRACKETS);
        Ok(bytes)
    }
}

macro_rules! integers {
    ($($method:ident: $integer:ty, $sign:expr;)*) => {$(
        #[inline]
        fn $method(self, value: $integer) -> Result<(), Unusual> {
            let sign: fn($integer) -> usize = $sign;
            self.add(value.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1 + sign(value))
        }
    )*};
}

macro_rules! naturals {
    ($($method:ident: $integer:ty;)*) => {$(
        #[inline]
        fn $method(self, value: $integer) -> Result<(), Unusual> {
            self.add(value.checked_ilog10().unwrap_or(0) as usize + 1)
        }
    )*};
}

impl<'a, const KEY: bool> Serializer for Counter<'a, KEY> {
    type Ok = ();
    type Error = Unusual;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Items<'a>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Items<'a>;

    integers! {
        serialize_i8: i8, |value| usize::from(value < 0);
        serialize_i16: i16, |value| usize::from(value < 0);
        serialize_i32: i32, |value| usize::from(value < 0);
        serialize_i64: i64, |value| usize::from(value < 0);
        serialize_i128: i128, |value| usize::from(value < 0);
    }

    naturals! {
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_u128: u128;
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unusual> {
        self.add(if value { "true" } else { "false" }.len())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Unusual> {
        Err(Unusual)
    }

    fn serialize_f64(self, _: f64) -> Result<(), Unusual> {
        Err(Unusual)
    }

    fn serialize_char(self, value: char) -> Result<(), Unusual> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Unusual> {
        self.text(value);
        Ok(())
    }

    fn collect_str<T: ?Sized + fmt::Display>(self, value: &T) -> Result<(), Unusual> {
        struct Pieces(usize);
        impl fmt::Write for Pieces {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 = self.0.saturating_add(text.len() + escapes(text));
                Ok(())
            }
        }
        let mut pieces = Pieces(QUOTES);
        fmt::write(&mut pieces, format_args!("{value}")).map_err(|_| Unusual)?;
        *self.bytes = self.bytes.saturating_add(pieces.0);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unusual> {
        Err(Unusual)
    }

    fn serialize_none(self) -> Result<(), Unusual> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Unusual> {
        if KEY { Err(Unusual) } else { value.serialize(self) }
    }

    fn serialize_unit(self) -> Result<(), Unusual> {
        self.add("null".len())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unusual> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unusual> {
        self.text(variant);
        Ok(())
    }

    #[inline]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result<(), Unusual> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unusual> {
        value.serialize(value_of(self.variant(variant)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Unusual> {
        self.items()
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, Unusual> {
        self.items()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Unusual> {
        self.items()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'a>, Unusual> {
        value_of(self.variant(variant)?).items()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Items<'a>, Unusual> {
        self.items()
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Items<'a>, Unusual> {
        // What `serde_json` hands itself: raw JSON, or numbers of any size.
        if name.starts_with("$serde_json::private::") { Err(Unusual) } else { self.items() }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'a>, Unusual> {
        value_of(self.variant(variant)?).items()
    }
}

/// Items of an array or an object.
struct Items<'a> {
    bytes: &'a mut usize,
    first: bool,
}

impl Items<'_> {
    #[inline]
    fn comma(&mut self) {
        if !std::mem::replace(&mut self.first, false) {
            *self.bytes = self.bytes.saturating_add(COMMA);
        }
    }

    #[inline]
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unusual> {
        self.comma();
        value.serialize(value_of(self.bytes))
    }

    #[inline]
    fn field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Unusual> {
        self.comma();
        value_of(self.bytes).text(name);
        *self.bytes = self.bytes.saturating_add(COLON);
        value.serialize(value_of(self.bytes))
    }
}

macro_rules! elements {
    ($($kind:ident::$method:ident),*) => {$(
        impl $kind for Items<'_> {
            type Ok = ();
            type Error = Unusual;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unusual> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unusual> {
                Ok(())
            }
        }
    )*};
}

elements!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($kind:ident),*) => {$(
        impl $kind for Items<'_> {
            type Ok = ();
            type Error = Unusual;

            #[inline]
            fn serialize_field<T: ?Sized + Serialize>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Unusual> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Unusual> {
                Ok(())
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Unusual;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Unusual> {
        self.comma();
        key.serialize(Counter::<true> { bytes: self.bytes })
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unusual> {
        *self.bytes = self.bytes.saturating_add(COLON);
        value.serialize(value_of(self.bytes))
    }

    fn end(self) -> Result<(), Unusual> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::value::RawValue;

    use super::*;

    fn agrees<T: Serialize + fmt::Debug>(value: &T) {
        let written = serde_json::to_string(value).unwrap();
        assert_eq!(json_len(value), Ok(written.len()), "{value:?} is {written}");
    }

    #[derive(Debug, serde::Serialize)]
    enum Shape {
        Nothing,
        One(Box<Shape>),
        Two(u8, String),
        Named {
            left: Vec<Shape>,
            right: Option<i64>,
        },
        Table(BTreeMap<String, Shape>),
        Float(f64),
        Counted(BTreeMap<i16, bool>),
        #[serde(rename = "with \"quotes\" and \\")]
        Quoted(char),
        Unit(()),
        Pair((u128, i128)),
    }

    #[derive(Debug, serde::Serialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Circle { radius_millimetres: u32 },
    }

    #[derive(Debug, serde::Serialize)]
    struct Flat {
        #[serde(flatten)]
        rest: BTreeMap<&'static str, u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u8>,
        displayed: uuid::Uuid,
        unit: Unit,
        wrapped: Wrapped,
    }

    #[derive(Debug, serde::Serialize)]
    struct Unit;

    #[derive(Debug, serde::Serialize)]
    struct Wrapped(u16);

    struct Displayed(&'static str);

    impl Serialize for Displayed {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("{}/{}", self.0, self.0))
        }
    }

    fn text() -> String {
        let any = || char::from_u32(fastrand::u32(..0x11_0000)).unwrap_or('\u{fffd}');
        (0..fastrand::usize(..12)).map(|_| if fastrand::bool() { any() } else { fastrand::u8(..0x80).into() }).collect()
    }

    fn shape(depth: usize) -> Shape {
        let few = || 0..fastrand::usize(..4);
        match fastrand::u8(if depth > 4 { 5..10 } else { 0..10 }) {
            0 => Shape::One(Box::new(shape(depth + 1))),
            1 | 2 => Shape::Named {
                left: few().map(|_| shape(depth + 1)).collect(),
                right: fastrand::bool().then(|| fastrand::i64(..) >> fastrand::u8(..64)),
            },
            3 | 4 => Shape::Table(few().map(|_| (text(), shape(depth + 1))).collect()),
            5 => Shape::Two(fastrand::u8(..), text()),
            6 => Shape::Float(f64::from_bits(fastrand::u64(..))),
            7 => Shape::Counted(few().map(|_| (fastrand::i16(..), fastrand::bool())).collect()),
            8 => Shape::Quoted(fastrand::char(..)),
            _ => Shape::Pair((fastrand::u128(..) >> fastrand::u8(..128), fastrand::i128(..) >> fastrand::u8(..128))),
        }
    }

    #[test]
    fn whatever_a_value_is_it_counts_as_long_as_serde_json_writes_it() {
        for _ in 0..20_000 {
            agrees(&shape(0));
        }
    }

    #[test]
    fn every_character_and_every_number_of_digits() {
        for code in (0..0x300).chain([0x2028, 0xfffd, 0x1f600]) {
            agrees(&char::from_u32(code));
        }
        for power in 0..39 {
            let edge = 10_u128.pow(power);
            agrees(&[edge - 1, edge, edge + 1]);
            agrees(&[0, 1, -1].map(|step| i128::try_from(edge).unwrap() + step));
            agrees(&[0, 1, -1].map(|step| -i128::try_from(edge).unwrap() + step));
        }
        agrees(&(i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN));
        agrees(&(u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX));
        agrees(&(f64::NAN, f64::INFINITY, 0.1_f32, 1e300, true, false, (), Shape::Nothing, Shape::Unit(())));
    }

    #[test]
    fn an_escape_at_any_place_of_a_text_of_any_length() {
        for length in 0..40 {
            let plain = "ä".repeat(length / 2) + if length % 2 == 1 { "~" } else { "" };
            agrees(&plain);
            for (place, _) in plain.char_indices() {
                for escaped in ['"', '\\', '\n', '\u{1f}', '\0', '\u{7f}'] {
                    let mut text = plain.clone();
                    text.insert(place, escaped);
                    agrees(&text);
                }
            }
        }
    }

    #[test]
    fn what_serde_derives_and_what_is_displayed() {
        agrees(&Tagged::Circle { radius_millimetres: 7 });
        agrees(&Flat {
            rest: BTreeMap::from([("one", 1), ("two", 22)]),
            absent: None,
            displayed: uuid::Uuid::nil(),
            unit: Unit,
            wrapped: Wrapped(99),
        });
        let raw = RawValue::from_string(r#"{"as": [ "it", "is" ]}"#.to_owned()).unwrap();
        assert_eq!(json_len(&raw), Ok(raw.get().len()));
        assert_eq!(json_len(&Displayed("a \"b\"")), Ok(serde_json::to_vec(&Displayed("a \"b\"")).unwrap().len()));
        agrees(&BTreeMap::from([(Some("key"), 1)]));
        agrees(&BTreeMap::from([('k', 1)]));
        agrees(&serde_json::json!({"a": [1, 2.5, null, {"b": "\n"}], "c": -3}));
    }

    #[test]
    fn an_error_is_that_of_serde_json() {
        let no_key = BTreeMap::from([(vec![1], 1)]);
        let error = serde_json::to_vec(&no_key).unwrap_err().to_string();
        assert_eq!(json_len(&no_key), Err(error));
    }
}
