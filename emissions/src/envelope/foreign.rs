//! What an event from elsewhere said that our fields can't hold.

use std::{borrow::Cow, sync::Arc};

use uuid::Uuid;

/// The words of an event that other software wrote, where they differ from what we would write.
///
/// CloudEvents ids are any text; ours are UUIDs. A foreign id becomes a UUID derived from it, so
/// that the same event has the same id wherever it is read, and its text is kept here, so that it
/// goes on unchanged. Almost always empty, and then free.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Foreign(Option<Arc<Words>>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Words {
    event: Option<Id>,
    correlation: Option<Id>,
    causation: Option<Id>,
    schema: Option<Schema>,
}

/// A text, and the UUID that stands for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Id {
    uuid: Uuid,
    text: Arc<str>,
}

/// The `dataschema` of a foreign event, which may have none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schema(Option<Arc<str>>);

impl Schema {
    pub(crate) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// Which of the three ids a text is.
#[derive(Clone, Copy)]
pub(crate) enum Role<'a> {
    /// `id`, which is unique within its `source` only.
    Event { source: &'a str },
    /// `correlationid`, which crosses sources.
    Correlation,
    /// `causationid`: the `id` of an event whose source is not said.
    Causation,
}

/// Namespaces of the derived UUIDs; fixed for ever, since ids derived from them are stored.
const EVENT: Uuid = Uuid::from_u128(0x6f0c_5f2e_51a4_4f0b_9d8e_3c1d_97a0_be41);
const CORRELATION: Uuid = Uuid::from_u128(0xd5b7_0d83_2a9c_4c66_8f27_5e90_14f3_7a12);
const CAUSATION: Uuid = Uuid::from_u128(0x19e3_a6c4_77d0_4b5d_a1f8_60c2_3be9_d504);

impl Role<'_> {
    /// The UUID for a text, and the text where that UUID would be written differently.
    pub(crate) fn read(self, text: &str) -> (Uuid, Option<Id>) {
        if let Some(uuid) = hyphenated(text) {
            let as_we_write = uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text;
            return (uuid, (!as_we_write).then(|| Id { uuid, text: text.into() }));
        }
        let uuid = match self {
            // A control character can be in neither, so no two pairs give one text.
            Self::Event { source } => Uuid::new_v5(&EVENT, format!("{source}\n{text}").as_bytes()),
            Self::Correlation => Uuid::new_v5(&CORRELATION, text.as_bytes()),
            Self::Causation => Uuid::new_v5(&CAUSATION, text.as_bytes()),
        };
        (uuid, Some(Id { uuid, text: text.into() }))
    }
}

/// RFC 9562, section 4, and no other spelling: `{…}`, `urn:uuid:…` and 32 bare digits are ids of
/// somebody's own making.
fn hyphenated(text: &str) -> Option<Uuid> {
    if text.len() == uuid::fmt::Hyphenated::LENGTH { Uuid::try_parse(text).ok() } else { None }
}

impl Foreign {
    pub(crate) fn set_event(&mut self, id: Option<Id>) {
        self.set(id, |words| &mut words.event);
    }

    pub(crate) fn set_correlation(&mut self, id: Option<Id>) {
        self.set(id, |words| &mut words.correlation);
    }

    pub(crate) fn set_causation(&mut self, id: Option<Id>) {
        self.set(id, |words| &mut words.causation);
    }

    /// Says that the event came with this `dataschema`, or with none.
    pub(crate) fn set_schema(&mut self, schema: Option<&str>) {
        self.set(Some(Schema(schema.map(Into::into))), |words| &mut words.schema);
    }

    fn set<T>(&mut self, word: Option<T>, place: impl Fn(&mut Words) -> &mut Option<T>) {
        if word.is_some() || self.0.is_some() {
            *place(Arc::make_mut(self.0.get_or_insert_default())) = word;
        }
    }

    pub(crate) fn event(&self, uuid: Uuid) -> Cow<'_, str> {
        text_of(self.0.as_ref().and_then(|words| words.event.as_ref()), uuid)
    }

    pub(crate) fn correlation(&self, uuid: Uuid) -> Cow<'_, str> {
        text_of(self.0.as_ref().and_then(|words| words.correlation.as_ref()), uuid)
    }

    pub(crate) fn causation(&self, uuid: Uuid) -> Cow<'_, str> {
        text_of(self.0.as_ref().and_then(|words| words.causation.as_ref()), uuid)
    }

    /// `None` if the `dataschema` is the one we would write.
    pub(crate) fn schema(&self) -> Option<&Schema> {
        self.0.as_ref()?.schema.as_ref()
    }

    /// Text of the `id`, if it is not what we would write for this UUID.
    pub(crate) fn event_text(&self, uuid: Uuid) -> Option<&str> {
        let id = self.0.as_ref()?.event.as_ref()?;
        (id.uuid == uuid).then_some(&*id.text)
    }

    pub(crate) fn correlation_id(&self) -> Option<Id> {
        self.0.as_ref()?.correlation.clone()
    }
}

/// The text, unless somebody has since put another UUID in the place of the one that stood for it.
fn text_of(id: Option<&Id>, uuid: Uuid) -> Cow<'_, str> {
    match id {
        Some(id) if id.uuid == uuid => Cow::Borrowed(&id.text),
        _ => Cow::Owned(uuid.to_string()),
    }
}
