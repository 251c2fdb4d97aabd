//! An event with metadata on its way into a buffer.

use std::sync::Arc;

use uuid::Uuid;

use super::{ambient, shared::Shared};
use crate::{
    emission::{EmitError, Metadata},
    envelope::TraceParent,
    event::Event,
};

/// An event and its metadata, not in the buffer yet; from [`Buffer::emission`](crate::Buffer::emission)
/// or [`emission`](crate::emission()).
#[must_use = "the event is in no buffer until `emit` is called"]
pub struct BufferedEmission<'a, E: Event> {
    /// The ambient buffer where there is none.
    buffer: Option<&'a Shared>,
    event: E,
    metadata: Box<Metadata>,
}

impl<'a, E: Event> BufferedEmission<'a, E> {
    pub(crate) fn into_buffer(buffer: &'a Shared, event: E) -> Self {
        Self { buffer: Some(buffer), event, metadata: Box::default() }
    }

    pub(super) fn into_ambient(event: E) -> Self {
        Self { buffer: None, event, metadata: Box::default() }
    }

    /// What the event is about within its source.
    pub fn subject(mut self, subject: impl Into<Arc<str>>) -> Self {
        self.metadata.subject = Some(subject.into());
        self
    }

    /// Partition key, instead of the field marked `#[field(key)]`.
    pub fn key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.metadata.key = Some(key.into());
        self
    }

    /// Adds an extension attribute. A name that is none (see
    /// [`Attributes::insert`](crate::envelope::Attributes::insert)) is an error of the emit.
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.attribute(name, value);
        self
    }

    /// The W3C trace context in which the event is emitted.
    pub fn trace_parent(mut self, trace_parent: TraceParent) -> Self {
        self.metadata.trace = Some(trace_parent);
        self
    }

    /// Appends the event to the buffer; returns its identity.
    ///
    /// # Errors
    ///
    /// As [`Buffer::emit`](crate::Buffer::emit) or [`emit`](crate::emit()); also
    /// [`EmitErrorKind::InvalidAttribute`](crate::EmitErrorKind::InvalidAttribute).
    #[track_caller]
    pub fn emit(self) -> Result<Uuid, EmitError<E>> {
        match self.buffer {
            Some(buffer) => buffer.emit(self.event, Some(self.metadata)),
            None => ambient::append(self.event, Some(self.metadata)),
        }
    }
}
