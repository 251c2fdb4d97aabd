//! What an event hands on to those it leads to.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    EnvelopeHead, TraceParent,
    foreign::{Foreign, Role},
};

/// Ids and trace context of an event, for the heads of those that its listeners emit.
#[derive(Clone, Debug)]
pub(crate) struct Inheritance {
    event_id: Uuid,
    correlation_id: Uuid,
    trace_parent: Option<TraceParent>,
    trace_state: Option<Arc<str>>,
    foreign: Foreign,
}

impl Inheritance {
    #[inline]
    pub(crate) fn of(head: &EnvelopeHead) -> Self {
        Self {
            event_id: head.event_id,
            correlation_id: head.correlation_id,
            trace_parent: head.trace_parent,
            trace_state: head.trace_state.clone(),
            foreign: head.foreign.clone(),
        }
    }
}

impl EnvelopeHead {
    /// See [`set_cause`](Self::set_cause).
    #[inline]
    pub(crate) fn inherit(&mut self, from: &Inheritance) {
        self.correlation_id = from.correlation_id;
        self.foreign.set_correlation(from.foreign.correlation_id());
        let (causation_id, text) = match from.foreign.event_text(from.event_id) {
            Some(text) => Role::Causation.read(text),
            None => (from.event_id, None),
        };
        self.causation_id = Some(causation_id);
        self.foreign.set_causation(text);
        self.trace_parent = from.trace_parent;
        self.trace_state.clone_from(&from.trace_state);
    }
}
