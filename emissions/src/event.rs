//! What an event is, and what the registry knows of one.

use std::{any::TypeId, borrow::Cow, sync::OnceLock};

use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};

use crate::plan::PlanOf;

/// A typed event: a struct with named fields under `#[event(name = "…")]`.
///
/// The attribute implements this trait; it also registers the event, so an implementation by hand
/// would be an event nobody can find.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "an event is expected here",
    note = "put `#[event(name = \"…\")]` on the struct; listeners take `&E` or `&Envelope<E>` first, those of a name pattern `&RawEnvelope`"
)]
pub trait Event: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Name on the wire without its version, such as `order.created`.
    const NAME: &'static str;

    /// Version of the payload's shape, from 1.
    const VERSION: u32;

    /// What the registry knows of this event.
    fn descriptor() -> &'static EventDescriptor;

    /// Value of the field marked `#[field(key)]`, as text: events with one key keep their order.
    fn partition_key(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Length of the field named by `bulk`, if the event has one.
    fn bulk_len(&self) -> Option<usize> {
        None
    }
}

/// What `#[event]` wrote down about one event.
#[derive(Debug)]
pub struct EventDescriptor {
    /// Name on the wire without its version.
    pub name: &'static str,
    /// Version of the payload's shape.
    pub version: u32,
    /// Path of the struct, for people; nothing on the wire depends on it.
    pub rust_path: &'static str,
    /// Name of the crate that declares it.
    pub crate_name: &'static str,
    /// Where the struct is declared.
    pub location: SourceLocation,
    /// Its doc comment.
    pub doc: &'static str,
    /// Its fields, in the order of declaration.
    pub fields: &'static [FieldDescriptor],
    /// Who has to listen before a gate may open.
    pub gate: GateRule,
    /// For a bulk event: its collection, and what an empty one means.
    pub bulk: Option<BulkRule>,
    /// Team that owns the event.
    pub owner: Option<&'static str>,
    /// Why not to use it any more.
    pub deprecated: Option<&'static str>,
    /// What the event asks of the routes that carry it.
    pub delivery: DeliveryNeed,
    /// Reason given for a name whose last segment is not in the past tense.
    pub allow_tense: Option<&'static str>,
    /// JSON Schema (draft 2020-12) of the payload.
    pub schema: fn() -> Schema,
    /// Identity of the Rust type within this process.
    pub type_id: fn() -> TypeId,
    /// Not public API. Used by generated code.
    #[doc(hidden)]
    pub slot: &'static EventSlot,
    /// Not public API. Used by generated code.
    #[doc(hidden)]
    pub plan: PlanOf,
}

impl EventDescriptor {
    /// Name and version as the wire carries them: `order.created.v1`.
    pub fn wire_type(&self) -> String {
        format!("{}.v{}", self.name, self.version)
    }

    /// URI of the payload's JSON Schema: its `$id`, and `dataschema` on the wire.
    ///
    /// A URN (RFC 8141) that depends on name and version only: `urn:emissions:order.created:v1`.
    pub fn schema_id(&self) -> String {
        format!("urn:emissions:{}:v{}", self.name, self.version)
    }
}

/// One field of an event.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FieldDescriptor {
    /// Name in Rust.
    pub name: &'static str,
    /// Name on the wire, serde's renames applied.
    pub wire_name: &'static str,
    /// Type as written in the source.
    pub type_text: &'static str,
    /// Type as the compiler names it.
    pub type_name: fn() -> &'static str,
    /// Identity of the type within this process.
    pub type_id: fn() -> TypeId,
    /// The same for the type inside of an `Option`: a value that may be absent is of its own type.
    pub value_type_id: fn() -> TypeId,
    /// Its doc comment.
    pub doc: &'static str,
    /// Where it is declared.
    pub location: SourceLocation,
    /// Whether it is the partition key.
    pub key: bool,
    /// Whether its content is kept out of logs, `Debug`, dead letters and documentation.
    pub sensitive: bool,
    /// Whether a 64-bit integer is written as a string.
    pub as_string: bool,
    /// Whether it is a bare 64-bit integer, which readers with 53-bit numbers corrupt.
    pub wide_integer: bool,
    /// Reason given for an ambiguous name.
    pub allow_ambiguous: Option<&'static str>,
    /// The shared field its type declares, if it is a `#[shared_field]`.
    pub shared: fn() -> Option<&'static SharedFieldDescriptor>,
}

/// A newtype under `#[shared_field(name = "…")]`: several events may carry it, under that one name.
pub trait SharedField {
    /// What the registry knows of the shared field.
    fn shared_field() -> &'static SharedFieldDescriptor;
}

/// A shared field that may be absent is still that field.
#[diagnostic::do_not_recommend]
impl<T: SharedField> SharedField for Option<T> {
    fn shared_field() -> &'static SharedFieldDescriptor {
        T::shared_field()
    }
}

/// What `#[shared_field]` wrote down about one newtype.
#[derive(Debug)]
pub struct SharedFieldDescriptor {
    /// The one name under which events carry it.
    pub name: &'static str,
    /// Path of the newtype.
    pub rust_path: &'static str,
    /// Where it is declared.
    pub location: SourceLocation,
    /// Its doc comment: what the field means in every event.
    pub doc: &'static str,
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceLocation {
    /// File as the compiler names it.
    pub file: &'static str,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl std::fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Who has to listen before the gate of an event may open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateRule {
    /// At least this many gate listeners; 1 unless the event says otherwise.
    AtLeast(u32),
    /// Nobody has to: `gate(allow_none)`.
    AllowNone,
}

/// The collection of a bulk event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkRule {
    /// Field that holds the collection.
    pub field: &'static str,
    /// What an empty collection means.
    pub on_empty: OnEmpty,
}

/// What an empty bulk event does; nobody is called either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnEmpty {
    /// The gate opens: there was nothing to do.
    Open,
    /// The gate stays shut: an empty batch is a mistake.
    Refuse,
}

/// What an event asks of the routes that carry it: `delivery = "…"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryNeed {
    /// Nothing is asked: an adapter may lose the event in a crash.
    BestEffort,
    /// The adapter must keep the event through a crash once it has acknowledged it.
    Durable,
    /// Durable, and in order per partition key.
    DurableOrdered,
}

/// Not public API. Used by generated code.
///
/// Position of the event in the sorted registry, the same for the life of the process; dispatch
/// finds its plan by it without hashing.
#[doc(hidden)]
#[derive(Debug)]
pub struct EventSlot(OnceLock<usize>);

impl EventSlot {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(crate) fn get(&self) -> Option<usize> {
        self.0.get().copied()
    }

    pub(crate) fn assign(&self, index: usize) {
        // The sorted registry is the same at every collection, so a second value would be equal.
        let _ = self.0.set(index);
    }
}
