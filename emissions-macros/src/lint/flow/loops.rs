//! Loops: what is pending before a round may be pending before the next, and behind them.

use quote::ToTokens;
use syn::{Expr, Ident, Lifetime};

use super::{
    Init, Loop, LoopKind, Tail, Walker,
    discard::DISCARDED,
    ends,
    pattern::thrown_away,
    state::{self, State},
};
use crate::lint::{
    report::{Anchor, Feed, Node, Via},
    syntax::{bare, is_plain, is_rvalue, needs_expectation},
};

impl Walker<'_> {
    pub(super) fn open_loop(&mut self, label: Option<&Lifetime>, kind: LoopKind) {
        let scopes = self.scopes.len();
        let label = label.map(|label| label.ident.to_string());
        if let Some(body) = self.body() {
            body.loops.push(Loop {
                label,
                scopes,
                breaks: None,
                continues: None,
                read: std::collections::HashSet::new(),
                filled: std::collections::HashSet::new(),
                lent: std::collections::HashSet::new(),
                items: None,
                kind,
            });
        }
    }

    pub(super) fn close_loop(&mut self) -> Option<Loop> {
        self.body().and_then(|body| body.loops.pop())
    }

    pub(super) fn looping(&mut self, expr: &Expr) {
        match expr {
            Expr::Loop(endless) => self.endless(endless),
            Expr::While(conditional) => self.conditional(conditional),
            Expr::ForLoop(each) => self.each(each),
            _ => {}
        }
    }

    fn endless(&mut self, endless: &syn::ExprLoop) {
        let mut before = self.state.clone();
        loop {
            self.state.clone_from(&before);
            self.open_loop(endless.label.as_ref().map(|label| &label.name), LoopKind::Endless);
            self.block(&endless.body, Tail::Used { awaited: false });
            let Some(frame) = self.close_loop() else { return };
            let again = state::join(before.clone(), state::join(self.state.take(), frame.continues));
            if again == before {
                self.state = frame.breaks;
                return;
            }
            before = again;
        }
    }

    fn conditional(&mut self, conditional: &syn::ExprWhile) {
        let mut before = self.state.clone();
        loop {
            self.state.clone_from(&before);
            self.open_loop(conditional.label.as_ref().map(|label| &label.name), LoopKind::Conditional);
            self.open_scope();
            self.anchor = Some(Anchor::InBlock(Node::of(&conditional.body)));
            let (held, failed) = self.condition_of_scope(&conditional.cond);
            self.state = held;
            self.block(&conditional.body, Tail::Used { awaited: false });
            self.close_scope();
            let Some(frame) = self.close_loop() else { return };
            let again = state::join(before.clone(), state::join(self.state.take(), frame.continues.clone()));
            if again == before {
                let mut exit = failed;
                settle_reads(&mut exit, &frame);
                self.state = state::join(exit, frame.breaks);
                return;
            }
            before = again;
        }
    }

    fn each(&mut self, each: &syn::ExprForLoop) {
        let init = self.init_of(&each.expr);
        let owner = self.owner_of_items(&each.expr);
        self.value(&each.expr, false);
        let borrowed = !init.aliases.is_empty() && !init.tracked;
        let items = self.items(each, owner);
        let mut before = self.state.clone();
        loop {
            self.state.clone_from(&before);
            self.open_loop(each.label.as_ref().map(|label| &label.name), LoopKind::Conditional);
            if let Some(frame) = self.body().and_then(|body| body.loops.last_mut()) {
                frame.items = items;
            }
            self.open_scope();
            self.anchor = Some(Anchor::InBlock(Node::of(&each.body)));
            let item = if init.tracked { Init::work() } else { Init::default() };
            let item = Init { aliases: init.aliases.clone(), shared: init.shared, ..item };
            self.bind(&each.pat, &item);
            self.block(&each.body, Tail::Used { awaited: false });
            self.close_scope();
            let Some(frame) = self.close_loop() else { return };
            let end = state::join(self.state.take(), frame.continues.clone());
            let again = state::join(before.clone(), end.clone());
            if again == before {
                let mut exit = before.clone();
                if borrowed && let (Some(exit), Some(end)) = (&mut exit, &end) {
                    // No item, no work: what the body does to an item it does to all.
                    init.aliases.iter().for_each(|alias| exit.set(*alias, end.pending(*alias)));
                }
                settle_reads(&mut exit, &frame);
                self.state = state::join(exit, frame.breaks);
                return;
            }
            before = again;
        }
    }

    /// The local whose items are iterated by value.
    fn owner_of_items(&self, expr: &Expr) -> Option<Ident> {
        match bare(expr) {
            Expr::Path(_) => self.local_of(expr).map(|local| self.locals[local].ident.clone()),
            Expr::MethodCall(call) if call.method == "into_iter" && call.args.is_empty() => {
                self.owner_of_items(&call.receiver)
            }
            _ => None,
        }
    }

    /// Probes items that the pattern of a `for` throws away; returns the slot of the items.
    fn items(&mut self, each: &syn::ExprForLoop, owner: Option<Ident>) -> Option<usize> {
        if is_plain(&each.expr) {
            return None;
        }
        let by_name = owner.is_some();
        let (anchor, feed) = match owner {
            Some(owner) => (Anchor::InBlock(Node::of(&each.body)), Feed::ItemsOf(owner)),
            None if is_rvalue(&each.expr) && !needs_expectation(&each.expr) => {
                (Anchor::Around(Node::of(&*each.expr)), Feed::Items)
            }
            None => return None,
        };
        let parts = thrown_away(&each.pat, true);
        if !self.first(Node::of(each), 2) || (parts.is_none() && !by_name) {
            return self.item_slots.get(&Node::of(each)).copied();
        }
        let slot = self.slot(anchor, feed);
        self.item_slots.insert(Node::of(each), slot);
        if let Some((pattern, names)) = parts {
            let span = ends(&each.pat.to_token_stream());
            self.probe(slot, Via::Parts { pattern, names }, DISCARDED, span);
        }
        Some(slot)
    }
}

/// What a loop reads or polls, and does not fill, is taken to be done when its condition ends it.
fn settle_reads(exit: &mut Option<State>, frame: &Loop) {
    if let Some(exit) = exit {
        frame
            .read
            .union(&frame.lent)
            .filter(|local| !frame.filled.contains(local))
            .for_each(|local| exit.set(*local, 0));
    }
}
