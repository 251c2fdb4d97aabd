//! Conditions, with patterns or without: what is known where they hold, and where they do not.

use quote::ToTokens;
use syn::{BinOp, Expr, Pat, UnOp};

use super::{
    Init, Walker,
    cases::{is_empty_case, is_failure_case, poll_case},
    pattern::{moves, payload_left},
    state::{self, State},
};
use crate::lint::{
    report::{Anchor, Node},
    syntax::{bare, is_rvalue},
};

/// The states in which a condition held and did not.
pub(super) type Paths = (Option<State>, Option<State>);

impl Walker<'_> {
    /// `let pattern = expr` as a condition: the states in which it matched and did not.
    pub(super) fn matched(&mut self, pattern: &Pat, expr: &Expr, anchor: Option<Anchor>) -> Paths {
        let pending = self.local_of(expr).map(|local| (local, self.pending(local)));
        let payload = payload_left(std::iter::once((pattern, false)));
        let around = std::mem::take(&mut self.recent);
        let left = self.parts_left(pattern, expr).filter(|_| moves(pattern));
        self.polled.clear();
        let init = self.scrutinee(expr, moves(pattern));
        let polled = std::mem::take(&mut self.polled);
        let reads = std::mem::replace(&mut self.recent, around);
        self.thrown(pattern, expr, false);
        let mut reads = reads;
        if !init.tracked && matches!(pattern, Pat::TupleStruct(_)) {
            // `if let Some(task) = slot.as_mut()`: if there is none, nothing is pending.
            reads.extend(init.aliases.iter().copied());
        }
        let mut missed = self.state.clone();
        if let Some(payload) = payload {
            match (pending, &mut missed) {
                (Some((local, pending)), Some(missed)) => missed.set(local, pending),
                _ => self.thrown_payload(Node::of(pattern), &pattern.to_token_stream(), &payload, expr),
            }
        }
        if let Some((local, Some(left))) = left {
            self.leave_behind(local, Node::of(pattern), left);
        }
        self.anchor = anchor.or(self.anchor);
        self.bind(pattern, &init);
        let mut matched = self.state.take();
        match poll_case(pattern) {
            Some(true) => self.was_ready(&polled, &mut matched),
            Some(false) => self.was_ready(&polled, &mut missed),
            None => {}
        }
        let exhausted = if is_empty_case(pattern) { &mut matched } else { &mut missed };
        if !is_failure_case(pattern)
            && let Some(state) = exhausted
        {
            reads.iter().for_each(|local| state.empty(*local));
        }
        (matched, missed)
    }

    /// What a pattern is matched against; a local is moved out of if the pattern takes something.
    pub(super) fn scrutinee(&mut self, expr: &Expr, taken: bool) -> Init {
        let init = self.init_of(expr);
        match bare(expr) {
            Expr::Path(_) => {
                if let Some(local) = self.local_of(expr) {
                    self.mention(local);
                    if taken && !self.locals[local].init.tracked && !self.locals[local].init.aliases.is_empty() {
                        let shared = self.locals[local].init.shared;
                        return Init { aliases: vec![local], shared, ..Init::default() };
                    }
                    if taken {
                        self.consume(local, true);
                    }
                }
            }
            Expr::Reference(reference) => {
                self.borrow(&reference.expr, reference.mutability.is_some(), false);
                if is_rvalue(&reference.expr) {
                    return Init::plain();
                }
            }
            Expr::Tuple(parts) => {
                parts.elems.iter().for_each(|part| self.value(part, false));
                return Init::work();
            }
            Expr::Field(_) | Expr::Index(_) => self.look(expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.look(expr),
            _ => self.value(expr, false),
        }
        init
    }

    pub(super) fn condition_let(&mut self, condition: &syn::ExprLet) {
        let (matched, _) = self.matched(&condition.pat, &condition.expr, None);
        self.state = matched;
    }

    /// A condition whose names live in the innermost scope: where it does not hold, they are gone.
    pub(super) fn condition_of_scope(&mut self, expr: &Expr) -> Paths {
        let (held, failed) = self.condition(expr);
        self.state = failed;
        self.end_scope();
        (held, self.state.take())
    }

    /// A condition: the states in which it held and did not.
    pub(super) fn condition(&mut self, expr: &Expr) -> Paths {
        match bare(expr) {
            Expr::Let(condition) => self.matched(&condition.pat, &condition.expr, None),
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                let (held, failed) = self.condition(&binary.left);
                self.state = held;
                let (both, other) = self.condition(&binary.right);
                (both, state::join(failed, other))
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::Or(_)) => {
                let (held, failed) = self.condition(&binary.left);
                self.state = failed;
                let (other, neither) = self.condition(&binary.right);
                (state::join(held, other), neither)
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let (held, failed) = self.condition(&unary.expr);
                (failed, held)
            }
            inner => {
                self.polled.clear();
                self.value(inner, false);
                let polled = std::mem::take(&mut self.polled);
                let (mut held, mut failed) = (self.state.clone(), self.state.take());
                match inner {
                    Expr::MethodCall(call) if call.method == "is_ready" => self.was_ready(&polled, &mut held),
                    Expr::MethodCall(call) if call.method == "is_pending" => self.was_ready(&polled, &mut failed),
                    _ => {}
                }
                let (empty, full) = self.emptiness(inner);
                if let (Some(local), Some(state)) = (empty, &mut held) {
                    state.empty(local);
                }
                if let (Some(local), Some(state)) = (full, &mut failed) {
                    state.empty(local);
                }
                (held, failed)
            }
        }
    }

    /// What was polled was ready on this path.
    pub(super) fn was_ready(&mut self, polled: &[usize], state: &mut Option<State>) {
        for local in polled {
            self.locals[*local].consumed = true;
            if let Some(state) = state {
                state.set(*local, 0);
            }
        }
    }

    /// The local that is empty if the condition holds, and the one that is empty if it does not.
    fn emptiness(&self, expr: &Expr) -> (Option<usize>, Option<usize>) {
        match expr {
            Expr::MethodCall(call) if call.args.len() <= 1 => {
                let local = self.root(&call.receiver).map(|(local, _)| local);
                match call.method.to_string().as_str() {
                    "is_none" | "is_empty" | "is_terminated" => (local, None),
                    "is_some" | "is_some_and" => (None, local),
                    _ => (None, None),
                }
            }
            Expr::Binary(binary) => {
                let Expr::MethodCall(call) = bare(&binary.left) else { return (None, None) };
                let local = self.root(&call.receiver).map(|(local, _)| local);
                let zero = binary.right.to_token_stream().to_string() == "0";
                match (call.method == "len", zero, &binary.op) {
                    (true, true, BinOp::Gt(_) | BinOp::Ne(_)) => (None, local),
                    (true, true, BinOp::Eq(_)) => (local, None),
                    (true, false, BinOp::Ge(_) | BinOp::Gt(_)) => (None, None),
                    _ => (None, None),
                }
            }
            _ => (None, None),
        }
    }
}
