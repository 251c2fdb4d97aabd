//! Closures and async blocks: bodies of their own that take outer locals along.

use std::collections::HashSet;

use syn::{Expr, ExprAsync, ExprClosure, Pat};

use super::{Event, Init, LocalId, Tail, Walker, control::anchor_before, state};
use crate::lint::{
    report::{Anchor, Feed, Node, Via},
    syntax::bare,
};

impl Walker<'_> {
    /// Walks a closure; returns the pending locals it has taken over. `adapter` if a method gives
    /// types to its parameters before its body is checked.
    pub(super) fn closure(&mut self, closure: &ExprClosure, adapter: bool) -> Vec<LocalId> {
        let moves = closure.capture.is_some();
        self.capture(moves, true, |walker| {
            if adapter || closure.inputs.iter().any(|input| matches!(input, Pat::Type(_))) {
                walker.anchor = Some(anchor_before(&closure.body));
                for input in &closure.inputs {
                    let known = adapter || matches!(input, Pat::Type(_));
                    let init = if known { Init::work() } else { Init::plain() };
                    walker.bind(input, &init);
                    if known {
                        walker.ignored_parameter(closure, input);
                    }
                }
            } else {
                walker.anchor = Some(anchor_before(&closure.body));
                closure.inputs.iter().for_each(|input| {
                    walker.bind(input, &Init::plain());
                });
            }
            match bare(&closure.body) {
                Expr::Block(block) if block.label.is_none() => walker.block(&block.block, Tail::Function),
                body => walker.value(body, true),
            }
        })
    }

    pub(super) fn async_block(&mut self, block: &ExprAsync) -> Vec<LocalId> {
        self.capture(block.capture.is_some(), false, |walker| walker.block(&block.block, Tail::Function))
    }

    /// `|_| ..` over pending work.
    fn ignored_parameter(&mut self, closure: &ExprClosure, input: &Pat) {
        if let Pat::Tuple(_) = input {
            self.ignored_parts(closure, input);
        }
        if matches!(input, Pat::Wild(_)) && self.first(Node::of(input), 7) {
            let slot = self.slot(anchor_before(&closure.body), Feed::Parameter(Node::of(input)));
            let span = super::ends(&quote::ToTokens::to_token_stream(input));
            self.probe(slot, Via::Whole, super::discard::DISCARDED, span);
        }
    }

    /// `|(id, _)| ..` over pairs with pending work in them.
    fn ignored_parts(&mut self, closure: &ExprClosure, part: &Pat) {
        match part {
            Pat::Wild(wild) if self.first(Node::of(wild), 7) => {
                let slot = self.slot(anchor_before(&closure.body), Feed::Wildcard(Node::of(wild)));
                let span = super::ends(&quote::ToTokens::to_token_stream(part));
                self.probe(slot, Via::Whole, super::discard::DISCARDED, span);
            }
            Pat::Tuple(tuple) => tuple.elems.iter().for_each(|part| self.ignored_parts(closure, part)),
            Pat::Paren(inner) => self.ignored_parts(closure, &inner.pat),
            _ => {}
        }
    }

    fn capture(&mut self, moves: bool, repeats: bool, walk: impl FnOnce(&mut Self)) -> Vec<LocalId> {
        let before = self.state.clone();
        if self.state.is_none() {
            self.state = Some(state::State::default());
        }
        let in_tail = std::mem::replace(&mut self.in_tail, false);
        let anchor: Option<Anchor> = self.anchor.take();
        let recent = std::mem::take(&mut self.recent);
        self.open_body();
        self.open_scope();
        walk(self);
        self.close_scope();
        let ended = self.state.take();
        self.exits_with_outer(ended.as_ref(), None);
        let Some(body) = self.close_body() else { return Vec::new() };
        self.in_tail = in_tail;
        self.anchor = anchor;
        self.recent = recent;
        let end = state::join(ended, body.exits);

        let taken: HashSet<LocalId> = if moves { body.mentioned.clone() } else { body.moved };
        let mut carried = Vec::new();
        for local in &taken {
            let local = *local;
            self.mention(local);
            self.taken(local);
            if before.as_ref().is_some_and(|before| before.pending(local) > 0) {
                carried.push(local);
                if let Some((_, span)) = body.pending_exits.iter().find(|(pending, _)| *pending == local) {
                    let event = span.map_or(Event::Ended, |(from, to)| Event::Left(from, to));
                    self.event(local, event);
                }
            }
        }
        self.state = before.map(|mut state| {
            for local in &body.mentioned {
                let pending = if taken.contains(local) {
                    0
                } else {
                    match &end {
                        Some(end) if repeats && end.pending(*local) > state.pending(*local) => state::MANY,
                        Some(end) => end.pending(*local),
                        None => state.pending(*local),
                    }
                };
                state.set(*local, pending);
            }
            state
        });
        carried
    }
}
