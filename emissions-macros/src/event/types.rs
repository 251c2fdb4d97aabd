//! What the tokens of a field's type say. An alias or a type of the user's own says nothing, and
//! is accepted.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// What a field holds, as far as its tokens tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Number,
    Text,
    /// A point in time.
    Instant,
    /// A length of time.
    Span,
    /// A type that carries its meaning itself, or that can't be known.
    Other,
}

const INTEGERS: &[&str] = &["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];
const FLOATS: &[&str] = &["f32", "f64"];
const NON_ZERO: &[&str] = &[
    "NonZero",
    "NonZeroU8",
    "NonZeroU16",
    "NonZeroU32",
    "NonZeroU64",
    "NonZeroUsize",
    "NonZeroI8",
    "NonZeroI16",
    "NonZeroI32",
    "NonZeroI64",
    "NonZeroIsize",
];
const INSTANTS: &[&str] = &[
    "DateTime",
    "NaiveDateTime",
    "NaiveDate",
    "OffsetDateTime",
    "PrimitiveDateTime",
    "UtcDateTime",
    "SystemTime",
    "Timestamp",
    "Zoned",
];
/// Types around one other, which keep its meaning.
const WRAPPERS: &[&str] = &["Option", "Box", "Arc", "Rc"];
const LISTS: &[&str] = &["Vec", "VecDeque", "BTreeSet", "HashSet", "LinkedList", "BinaryHeap"];
const MAPS: &[&str] = &["HashMap", "BTreeMap", "IndexMap"];

/// The type without parentheses and invisible groups.
fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => plain(&group.elem),
        Type::Paren(paren) => plain(&paren.elem),
        other => other,
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match plain(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// The types between the angle brackets of `segment`.
fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Vec::new() };
    arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect()
}

fn is_one_of(segment: &PathSegment, names: &[&str]) -> bool {
    names.iter().any(|name| segment.ident == name)
}

/// Whether the type is an `Option`.
pub(crate) fn is_option(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == "Option")
}

/// What the field holds; for a list of numbers or texts, what its items are.
pub(crate) fn kind(ty: &Type) -> Kind {
    let element = match plain(ty) {
        Type::Array(array) => Some(&*array.elem),
        Type::Slice(slice) => Some(&*slice.elem),
        _ => None,
    };
    if let Some(element) = element {
        return list_of(kind(element));
    }
    let Some(segment) = last_segment(ty) else { return Kind::Other };
    let arguments = type_arguments(segment);
    match &arguments[..] {
        [inner] if is_one_of(segment, WRAPPERS) => return kind(inner),
        [inner] if is_one_of(segment, LISTS) => return list_of(kind(inner)),
        [_] if is_one_of(segment, NON_ZERO) => return Kind::Number,
        [_] if segment.ident == "DateTime" => return Kind::Instant,
        [inner] if segment.ident == "Cow" => return kind(inner),
        [] => {}
        _ => return Kind::Other,
    }
    if segment.ident == "bool" {
        Kind::Bool
    } else if is_one_of(segment, INTEGERS) || is_one_of(segment, FLOATS) || is_one_of(segment, NON_ZERO) {
        Kind::Number
    } else if segment.ident == "String" || segment.ident == "str" {
        Kind::Text
    } else if is_one_of(segment, INSTANTS) {
        Kind::Instant
    } else if segment.ident == "Duration" || segment.ident == "SignedDuration" || segment.ident == "TimeDelta" {
        Kind::Span
    } else {
        Kind::Other
    }
}

/// A list of truths states nothing about the event.
fn list_of(item: Kind) -> Kind {
    if item == Kind::Bool { Kind::Other } else { item }
}

/// The innermost type, if `#[field(string)]` has certainly nothing to do for it.
pub(crate) fn certainly_no_wide_integer(ty: &Type) -> Option<String> {
    const NARROW: &[&str] =
        &["u8", "u16", "u32", "i8", "i16", "i32", "f32", "f64", "bool", "char", "String", "str", "Duration"];
    let segment = last_segment(ty)?;
    match &type_arguments(segment)[..] {
        [inner] if is_one_of(segment, WRAPPERS) || is_one_of(segment, LISTS) => certainly_no_wide_integer(inner),
        [] if is_one_of(segment, NARROW) => Some(segment.ident.to_string()),
        _ => None,
    }
}

/// A part of a type that readers can't parse safely.
pub(crate) struct Unparseable {
    /// Where it stands.
    pub(crate) tokens: TokenStream,
    pub(crate) shape: Shape,
}

/// Why readers can't parse it safely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Borrowed,
    Tuple,
    FreeForm,
    MapKey,
    TooWide,
}

impl Unparseable {
    /// The text of the compile error.
    pub(crate) fn message(&self) -> String {
        let text = type_text(&self.tokens);
        match self.shape {
            Shape::Borrowed => format!(
                "`{text}` borrows, and an event owns what it carries\nwrite the owned type, such as `String` for `&str`"
            ),
            Shape::Tuple => format!(
                "`{text}` has parts without names\ndeclare a struct with a name for each part; see `emissions::naming::tuple`"
            ),
            Shape::FreeForm => format!(
                "`{text}` can hold anything, so readers can rely on nothing\ndeclare a struct with the fields it has; see `emissions::naming::free_form`"
            ),
            Shape::MapKey => format!(
                "a key of type `{text}` is no string, and JSON has no other keys\nuse `String` or a newtype of it as key, or a list of structs; see `emissions::naming::map_key`"
            ),
            Shape::TooWide => format!(
                "`{text}` is wider than the integers that JSON readers keep exact\nwrite it as a string with `#[field(string)]`; see `emissions::naming::wide_integer`"
            ),
        }
    }
}

/// Every such part of the type.
pub(crate) fn unparseable(ty: &Type) -> Vec<Unparseable> {
    let mut found = Vec::new();
    walk(ty, &mut found);
    found
}

fn walk(ty: &Type, found: &mut Vec<Unparseable>) {
    let mut refuse = |tokens: &dyn ToTokens, shape| found.push(Unparseable { tokens: tokens.to_token_stream(), shape });
    match plain(ty) {
        Type::Reference(reference) => refuse(reference, Shape::Borrowed),
        Type::Tuple(tuple) => refuse(tuple, Shape::Tuple),
        Type::TraitObject(object) => refuse(object, Shape::FreeForm),
        Type::Array(array) => walk(&array.elem, found),
        Type::Slice(slice) => walk(&slice.elem, found),
        Type::Path(path) if path.qself.is_none() => {
            let Some(segment) = path.path.segments.last() else { return };
            let arguments = type_arguments(segment);
            if is_free_form(path) {
                refuse(path, Shape::FreeForm);
            } else if segment.ident == "u128" || segment.ident == "i128" {
                refuse(path, Shape::TooWide);
            } else if is_one_of(segment, MAPS) {
                if let Some(key) = arguments.first()
                    && is_no_string(key)
                {
                    refuse(key, Shape::MapKey);
                }
                for value in arguments.iter().skip(1) {
                    walk(value, found);
                }
            } else if is_one_of(segment, WRAPPERS) || is_one_of(segment, LISTS) {
                for argument in arguments {
                    walk(argument, found);
                }
            }
        }
        _ => {}
    }
}

/// Free-form types by the crate they are named through; the compiler finds those under an alias.
fn is_free_form(path: &syn::TypePath) -> bool {
    const TYPES: &[(&str, &[&str])] = &[
        ("serde_json", &["Value", "Map"]),
        ("value", &["RawValue"]),
        ("toml", &["Value", "Table"]),
        ("serde_yaml", &["Value", "Mapping"]),
        ("ciborium", &["Value"]),
        ("bson", &["Bson", "Document"]),
        ("prost_types", &["Any", "Struct", "Value"]),
        ("any", &["Any"]),
    ];
    let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let [.., krate, ty] = &names[..] else { return false };
    TYPES.iter().any(|(known, types)| krate == known && types.contains(&ty.as_str()))
}

/// Whether serde certainly writes such a key as something else than a string of its own.
fn is_no_string(key: &Type) -> bool {
    match plain(key) {
        Type::Tuple(_) | Type::Array(_) => true,
        _ => last_segment(key).is_some_and(|segment| {
            segment.ident == "bool"
                || is_one_of(segment, INTEGERS)
                || is_one_of(segment, FLOATS)
                || is_one_of(segment, NON_ZERO)
                || is_one_of(segment, LISTS)
                || segment.ident == "Option"
        }),
    }
}

/// The type as written, spaced as people write it.
pub(crate) fn type_text(ty: &impl ToTokens) -> String {
    let text = ty.to_token_stream().to_string();
    let mut output = String::new();
    for part in text.split(' ') {
        let tight = output.is_empty()
            || ["<", ">", "::", ",", ";", ")", "]"].contains(&part)
            || ["<", "::", "(", "[", "&"].iter().any(|opening| output.ends_with(opening));
        if !tight {
            output.push(' ');
        }
        output.push_str(part);
    }
    output
}

#[cfg(test)]
mod tests {
    use super::{Kind, Shape, kind, unparseable};

    fn parse(text: &str) -> syn::Type {
        syn::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn kinds_are_seen_through_wrappers_and_lists() {
        for (text, expected) in [
            ("bool", Kind::Bool),
            ("Option<bool>", Kind::Bool),
            ("Vec<bool>", Kind::Other),
            ("u32", Kind::Number),
            ("core::primitive::u32", Kind::Number),
            ("Option<Vec<f64>>", Kind::Number),
            ("[u8; 4]", Kind::Number),
            ("std::num::NonZero<u64>", Kind::Number),
            ("NonZeroU64", Kind::Number),
            ("String", Kind::Text),
            ("Box<str>", Kind::Text),
            ("Cow<'static, str>", Kind::Text),
            ("DateTime<Utc>", Kind::Instant),
            ("jiff::Timestamp", Kind::Instant),
            ("std::time::Duration", Kind::Span),
            ("Money", Kind::Other),
            ("HashMap<String, u64>", Kind::Other),
            ("<T as Trait>::Out", Kind::Other),
        ] {
            assert_eq!(kind(&parse(text)), expected, "{text}");
        }
    }

    #[test]
    fn unparseable_parts_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("&'static str", &[Shape::Borrowed][..]),
            ("(u8, u8)", &[Shape::Tuple]),
            ("()", &[Shape::Tuple]),
            ("Vec<(u8, u8)>", &[Shape::Tuple]),
            ("serde_json::Value", &[Shape::FreeForm]),
            ("Option<::serde_json::Value>", &[Shape::FreeForm]),
            ("Box<dyn Shape>", &[Shape::FreeForm]),
            ("HashMap<String, serde_json::Value>", &[Shape::FreeForm]),
            ("HashMap<u64, (u8, u8)>", &[Shape::MapKey, Shape::Tuple]),
            ("BTreeMap<(u8, u8), u8>", &[Shape::MapKey]),
            ("Vec<u128>", &[Shape::TooWide]),
            ("[i128; 2]", &[Shape::TooWide]),
        ] {
            let found: Vec<Shape> = unparseable(&parse(text)).iter().map(|part| part.shape).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_can_not_be_known_is_accepted() {
        for text in
            ["Value", "Map<String, u8>", "HashMap<CountryCode, u8>", "HashMap<String, u64>", "MyTuple", "Arc<str>"]
        {
            assert!(unparseable(&parse(text)).is_empty(), "{text}");
        }
    }
}
