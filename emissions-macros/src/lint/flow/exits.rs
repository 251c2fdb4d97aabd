//! The ways out: `return`, `break` and `continue`, and what they leave behind.

use proc_macro2::Span;
use syn::Lifetime;

use super::{
    Event, LoopKind, Walker,
    state::{self, State},
};
use crate::lint::{report::Via, rules::undrained_group::CUT_SHORT};

impl Walker<'_> {
    pub(super) fn returning(&mut self, span: (Span, Span)) {
        let Some(scopes) = self.bodies.last().map(|body| body.scopes) else { return };
        if self.state.is_none() {
            return;
        }
        self.cut_reads(0, span);
        self.leave(scopes, span);
        self.cut_items(0, span);
        let state = self.state.take();
        self.exits_with_outer(state.as_ref(), Some(span));
        if let Some(body) = self.body() {
            body.exits = state::join(body.exits.take(), state);
        }
    }

    /// Notes what of the outer bodies is pending where this body is left.
    pub(super) fn exits_with_outer(&mut self, state: Option<&State>, span: Option<(Span, Span)>) {
        let depth = self.bodies.len();
        let Some(state) = state else { return };
        let pending: Vec<usize> = (0..self.locals.len())
            .filter(|local| self.locals[*local].body < depth && state.pending(*local) > 0)
            .collect();
        if let Some(body) = self.body() {
            body.pending_exits.extend(pending.into_iter().map(|local| (local, span)));
        }
    }

    fn target(&self, label: Option<&Lifetime>) -> Option<usize> {
        let loops = &self.bodies.last()?.loops;
        loops.iter().rposition(|around| match label {
            Some(label) => around.label.as_deref() == Some(label.ident.to_string().as_str()),
            None => around.kind != LoopKind::Block,
        })
    }

    pub(super) fn breaking(&mut self, label: Option<&Lifetime>, span: (Span, Span)) {
        let Some(target) = self.target(label) else { return };
        let Some((scopes, kind, read)) = self
            .bodies
            .last()
            .and_then(|body| body.loops.get(target))
            .map(|around| (around.scopes, around.kind, around.read.clone()))
        else {
            return;
        };
        if self.state.is_none() {
            return;
        }
        if kind == LoopKind::Endless {
            // An endless loop that reads a group ends when the group does.
            if let Some(state) = &mut self.state {
                read.iter().for_each(|local| state.empty(*local));
            }
        }
        self.cut_reads(target, span);
        self.leave(scopes, span);
        self.cut_items(target, span);
        let state = self.state.take();
        if let Some(around) = self.body().and_then(|body| body.loops.get_mut(target)) {
            around.breaks = state::join(around.breaks.take(), state);
        }
    }

    pub(super) fn continuing(&mut self, label: Option<&Lifetime>, span: (Span, Span)) {
        let Some(target) = self.target(label) else { return };
        let Some(scopes) = self.bodies.last().and_then(|body| body.loops.get(target)).map(|around| around.scopes)
        else {
            return;
        };
        if self.state.is_none() {
            return;
        }
        self.leave(scopes, span);
        let state = self.state.take();
        if let Some(around) = self.body().and_then(|body| body.loops.get_mut(target)) {
            around.continues = state::join(around.continues.take(), state);
        }
    }

    /// Groups that loops from `target` inwards read: what is lazy may be given up, what runs may not.
    fn cut_reads(&mut self, target: usize, span: (Span, Span)) {
        let reads: Vec<usize> = self
            .bodies
            .last()
            .map(|body| body.loops.iter().skip(target).flat_map(|around| around.read.iter().copied()).collect())
            .unwrap_or_default();
        for local in reads {
            if self.pending(local) > 0 {
                self.event(local, Event::Cut(span.0, span.1));
                if let Some(state) = &mut self.state {
                    state.set(local, 0);
                }
            }
        }
    }

    /// The items that loops from `target` inwards have not come to yet are let go of.
    fn cut_items(&mut self, target: usize, span: (Span, Span)) {
        let slots: Vec<usize> = self
            .bodies
            .last()
            .map(|body| body.loops.iter().skip(target).filter_map(|around| around.items).collect())
            .unwrap_or_default();
        for slot in slots {
            if self.cut.insert(slot) {
                self.probe(slot, Via::Whole, &[&CUT_SHORT], span);
            }
        }
    }
}
