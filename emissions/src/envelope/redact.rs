//! What `Debug` shows of an envelope.

use std::fmt;

use super::EnvelopeHead;
use crate::event::{Event, EventDescriptor};

/// Stands where a sensitive content was.
const REDACTED: &str = "[redacted]";

/// Shows an event as JSON, its sensitive fields replaced.
///
/// If the event has a sensitive field, only the fields known to be harmless are shown: a
/// serialisation by hand may write a sensitive one under another name.
pub(crate) struct Redacted<'a, E>(pub(crate) &'a E);

impl<E: Event> fmt::Debug for Redacted<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A value that can't be shown is no reason to fail while showing something else.
        let Ok(mut value) = serde_json::to_value(self.0) else { return f.write_str("<not serialisable>") };
        let fields = E::descriptor().fields;
        if fields.iter().any(|field| field.sensitive) {
            match value.as_object_mut() {
                Some(object) => {
                    for (name, content) in object {
                        if !fields.iter().any(|field| field.wire_name == name && !field.sensitive) {
                            *content = serde_json::Value::from(REDACTED);
                        }
                    }
                }
                None => value = serde_json::Value::from(REDACTED),
            }
        }
        write!(f, "{value}")
    }
}

/// Whether the partition key is taken from a sensitive field.
pub(crate) fn key_is_sensitive(descriptor: &EventDescriptor) -> bool {
    descriptor.fields.iter().any(|field| field.key && field.sensitive)
}

/// Shows a head, with or without its partition key.
pub(crate) struct ShownHead<'a> {
    pub(crate) head: &'a EnvelopeHead,
    pub(crate) with_key: bool,
}

impl fmt::Debug for ShownHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EnvelopeHead {
            event_id,
            event_type,
            event_version,
            event_source,
            occurred_at,
            subject,
            partition_key,
            correlation_id,
            causation_id,
            trace_parent,
            trace_state,
            sequence,
            attributes,
            // Written on the wire by other software, and derivable from the ids above.
            foreign: _,
        } = self.head;
        let hidden = partition_key.as_ref().map(|key| format!("[{} bytes]", key.len()));
        let partition_key: &dyn fmt::Debug = if self.with_key { partition_key } else { &hidden };
        f.debug_struct("EnvelopeHead")
            .field("event_id", event_id)
            .field("event_type", event_type)
            .field("event_version", event_version)
            .field("event_source", event_source)
            .field("occurred_at", &format_args!("{occurred_at}"))
            .field("subject", subject)
            .field("partition_key", partition_key)
            .field("correlation_id", correlation_id)
            .field("causation_id", causation_id)
            .field("trace_parent", trace_parent)
            .field("trace_state", trace_state)
            .field("sequence", sequence)
            .field("attributes", attributes)
            .finish()
    }
}
