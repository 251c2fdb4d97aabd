//! What led to an emission.

use std::{borrow::Cow, sync::Arc};

use crate::{
    envelope::{EnvelopeHead, inheritance::Inheritance},
    gate::CascadeChain,
};

/// The event being handled when another one is emitted: copied without anyone asking.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    pub(crate) lineage: Arc<Lineage>,
}

impl Cause {
    pub(crate) fn new(head: &EnvelopeHead, listener: &'static str, parent: Option<Arc<Lineage>>) -> Self {
        Self::step(head.event_type.clone(), Inheritance::of(head), listener, parent)
    }

    /// The step from an event, through one of its listeners, to what that one emits.
    pub(crate) fn step(
        event: Cow<'static, str>,
        inheritance: Inheritance,
        listener: &'static str,
        parent: Option<Arc<Lineage>>,
    ) -> Self {
        let depth = parent.as_ref().map_or(1, |parent| parent.depth.saturating_add(1));
        Self { lineage: Arc::new(Lineage { event, inheritance, listener, depth, parent }) }
    }

    /// What the event hands on.
    pub(crate) fn inheritance(&self) -> &Inheritance {
        &self.lineage.inheritance
    }
}

/// One step of a cascade, with the steps before it.
#[derive(Debug)]
pub(crate) struct Lineage {
    event: Cow<'static, str>,
    inheritance: Inheritance,
    listener: &'static str,
    pub(crate) depth: u16,
    parent: Option<Arc<Lineage>>,
}

impl Lineage {
    /// The whole chain up to an event that was one too many.
    pub(crate) fn chain(&self, last: &str, limit: u16) -> CascadeChain {
        let mut steps = vec![last.to_owned()];
        let mut step = Some(self);
        while let Some(current) = step {
            steps.push(format!("{} ({})", current.event, current.listener));
            step = current.parent.as_deref();
        }
        steps.reverse();
        CascadeChain { steps, limit }
    }
}
