//! What `Debug` shows of an envelope.

use std::fmt;

use crate::{dispatch::contain::contain, event::Event};

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
        let value = contain(|| serde_json::to_value(self.0));
        let Ok(Ok(mut value)) = value else { return f.write_str("<not serialisable>") };
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
