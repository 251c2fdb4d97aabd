//! Expressions whose value is used, and those that are only looked at.

use quote::ToTokens;
use syn::{BinOp, Expr};

use super::{Event, LoopKind, State, Tail, Walker, ends, state};
use crate::lint::{
    names::{self, one_of},
    opened::Form,
    report::Node,
    syntax::{bare, is_rvalue, last_segment},
};

impl Walker<'_> {
    /// The value moves on to somebody; `awaited` if an await stands around it.
    pub(super) fn value(&mut self, expr: &Expr, awaited: bool) {
        if self.state.is_none() {
            // Dead code is walked all the same, for what is dropped in it.
            self.state = Some(State::default());
            self.value(expr, awaited);
            self.state = None;
            return;
        }
        if self.opened(expr, awaited) {
            return;
        }
        match expr {
            Expr::Path(_) => {
                if let Some(local) = self.local_of(expr) {
                    if self.locals[local].init.shared {
                        self.lend(local);
                    } else {
                        self.consume(local, true);
                    }
                }
            }
            Expr::Paren(inner) => self.value(&inner.expr, awaited),
            Expr::Group(inner) => self.value(&inner.expr, awaited),
            Expr::Await(inner) => self.awaited(&inner.base),
            Expr::Try(inner) => {
                self.value(&inner.expr, awaited);
                self.question(expr);
            }
            Expr::Call(call) => self.call(call, awaited),
            Expr::MethodCall(call) => self.method(expr, call, awaited),
            Expr::Reference(reference) => self.borrow(&reference.expr, reference.mutability.is_some(), awaited),
            Expr::RawAddr(raw) => self.look(&raw.expr),
            Expr::Field(field) => self.field(field, awaited),
            Expr::Index(index) => {
                self.look(&index.expr);
                self.value(&index.index, awaited);
            }
            Expr::Unary(unary) => match unary.op {
                syn::UnOp::Deref(_) => self.look(&unary.expr),
                _ => self.value(&unary.expr, awaited),
            },
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => self.assign(assign),
            Expr::Cast(cast) => self.value(&cast.expr, awaited),
            Expr::Range(range) => {
                for end in [&range.start, &range.end].into_iter().flatten() {
                    self.value(end, awaited);
                }
            }
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|part| self.value(part, awaited)),
            Expr::Array(array) => array.elems.iter().for_each(|part| self.value(part, awaited)),
            Expr::Repeat(repeat) => self.value(&repeat.expr, awaited),
            Expr::Struct(literal) => {
                literal.fields.iter().for_each(|field| self.value(&field.expr, awaited));
                if let Some(rest) = &literal.rest {
                    self.value(rest, awaited);
                }
            }
            Expr::Block(block) => self.labelled(block, Tail::Used { awaited }),
            Expr::Unsafe(block) => self.block(&block.block, Tail::Used { awaited }),
            Expr::Const(_) => {}
            Expr::If(branch) => self.branch(branch, Tail::Used { awaited }),
            Expr::Match(matching) => self.matching(matching, Tail::Used { awaited }),
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => self.looping(expr),
            Expr::Let(condition) => self.condition_let(condition),
            Expr::Return(ret) => {
                if let Some(value) = &ret.expr {
                    self.value(value, true);
                }
                self.returning(ends(&expr.to_token_stream()));
            }
            Expr::Break(leave) => {
                if let Some(value) = &leave.expr {
                    self.value(value, true);
                }
                self.breaking(leave.label.as_ref(), ends(&expr.to_token_stream()));
            }
            Expr::Continue(leave) => self.continuing(leave.label.as_ref(), ends(&expr.to_token_stream())),
            Expr::Closure(closure) => {
                self.closure(closure, false);
            }
            Expr::Async(block) => {
                self.async_block(block);
            }
            Expr::Macro(mac) => self.unknown_macro(&mac.mac),
            Expr::Yield(inner) => {
                if let Some(value) = &inner.expr {
                    self.value(value, awaited);
                }
            }
            _ => self.mention_tokens(&expr.to_token_stream()),
        }
    }

    /// What stands before `.await`.
    fn awaited(&mut self, base: &Expr) {
        self.direct = Some(Node::of(bare(base)));
        match bare(base) {
            Expr::Path(_) => self.value(bare(base), true),
            Expr::Reference(reference) => self.borrow(&reference.expr, true, true),
            _ => self.value(base, true),
        }
    }

    /// The place or value is looked at, and stays.
    pub(super) fn look(&mut self, expr: &Expr) {
        match bare(expr) {
            Expr::Path(_) => {
                if let Some(local) = self.local_of(expr) {
                    self.mention(local);
                }
            }
            Expr::Field(field) => self.look(&field.base),
            Expr::Index(index) => {
                self.look(&index.expr);
                self.value(&index.index, false);
            }
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => self.look(&unary.expr),
            Expr::Reference(reference) => self.look(&reference.expr),
            other => self.value(other, false),
        }
    }

    /// `&expr` or `&mut expr`.
    pub(super) fn borrow(&mut self, expr: &Expr, mutable: bool, awaited: bool) {
        let inner = bare(expr);
        if is_rvalue(inner) && self.macros.get(inner).is_none_or(|(opened, _)| !matches!(opened.form, Form::Select(_)))
        {
            // Nothing can drive what is lent for reading; whoever owns it drops it unread.
            if mutable || awaited {
                self.value(inner, awaited);
            } else {
                self.discard(inner, false);
            }
            return;
        }
        if mutable
            && awaited
            && let Some((local, part)) = self.root(inner)
        {
            if part {
                self.read(local);
            } else {
                self.consume(local, false);
            }
            return;
        }
        if !mutable && let Some((local, _)) = self.root(inner) {
            self.lend(local);
        }
        self.look(inner);
    }

    /// The local that a chain of fields, indices and borrows leads to, and whether it leads to a part of it.
    pub(super) fn root(&self, expr: &Expr) -> Option<(usize, bool)> {
        match bare(expr) {
            path @ Expr::Path(_) => self.local_of(path).map(|local| (local, false)),
            Expr::Reference(reference) => self.root(&reference.expr),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => self.root(&unary.expr),
            Expr::Field(field) => self.root(&field.base).map(|(local, _)| (local, false)),
            Expr::Index(index) => self.root(&index.expr).map(|(local, _)| (local, true)),
            Expr::MethodCall(call) if one_of(names::PASSAGES, &call.method.to_string()) => self.root(&call.receiver),
            Expr::Call(call) if is_pin_new(call) => call.args.first().and_then(|arg| self.root(arg)),
            _ => None,
        }
    }

    fn field(&mut self, field: &syn::ExprField, awaited: bool) {
        let Some(local) = self.local_of(&field.base) else {
            self.look(&field.base);
            let _ = awaited;
            return;
        };
        self.mention(local);
        for remains in self.locals[local].remains.clone() {
            self.consume(remains, true);
        }
        let parts = self.locals[local].init.fields.len();
        if parts > 1 {
            self.locals[local].consumed = true;
            if let Some(state) = &mut self.state {
                state.read(local);
            }
        } else {
            self.consume(local, true);
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) {
        self.value(&binary.left, false);
        if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) {
            let before = self.state.clone();
            self.value(&binary.right, false);
            self.state = state::join(before, self.state.take());
        } else {
            self.value(&binary.right, false);
        }
    }

    fn assign(&mut self, assign: &syn::ExprAssign) {
        if matches!(&*assign.left, Expr::Infer(_)) {
            self.discard(&assign.right, false);
            return;
        }
        let init = self.init_of(&assign.right);
        self.value(&assign.right, false);
        match bare(&assign.left) {
            Expr::Path(_) => {
                if let Some(local) = self.local_of(&assign.left) {
                    let span = ends(&assign.to_token_stream());
                    self.replaced(local, span);
                    self.mention(local);
                    let tracked = init.tracked || init.pending > 0;
                    if tracked {
                        self.locals[local].init.tracked = true;
                    }
                    if self.has_type_of_its_own(&assign.right) {
                        self.locals[local].init.polymorphic = false;
                    }
                    self.locals[local].init.aliases.extend(init.aliases);
                    if init.pending > 0
                        && let Some(body) = self.body()
                    {
                        for around in &mut body.loops {
                            around.filled.insert(local);
                        }
                    }
                    if let Some(state) = &mut self.state {
                        state.set(local, if tracked { init.pending } else { 0 });
                    }
                }
            }
            Expr::Tuple(tuple) => {
                for part in &tuple.elems {
                    match (bare(part), self.local_of(part)) {
                        (_, Some(local)) => {
                            let span = ends(&assign.to_token_stream());
                            self.replaced(local, span);
                            self.locals[local].init.tracked = true;
                            if let Some(state) = &mut self.state {
                                state.set(local, 1);
                            }
                        }
                        (Expr::Infer(_), None) => {}
                        (other, None) => self.look(other),
                    }
                }
                self.discarded_parts_of_assignment(&tuple.elems, &assign.right);
            }
            Expr::Index(index) => {
                if let Some((local, _)) = self.root(&index.expr) {
                    self.mention(local);
                    if init.tracked
                        && let Some(state) = &mut self.state
                    {
                        state.fill(local);
                    }
                }
                self.look(&assign.left);
            }
            Expr::Field(field) => {
                if let Some((local, _)) = self.root(&field.base)
                    && init.tracked
                    && init.pending > 0
                    && self.locals[local].init.tracked
                {
                    self.fill(local);
                }
                self.look(&assign.left);
            }
            other => self.look(other),
        }
    }

    /// A `?` leaves the body if what stands before it failed.
    fn question(&mut self, expr: &Expr) {
        if !self.options.strict() {
            return;
        }
        let scopes = self.bodies.last().map_or(0, |body| body.scopes);
        let (_, end) = self.span(expr);
        let alive: Vec<usize> = self.scopes.iter().skip(scopes).flatten().map(|(_, local)| *local).collect();
        for local in alive {
            if self.pending(local) > 0 {
                self.event(local, Event::Question(end, end));
            }
        }
    }

    /// One piece of a group may have been ready, or none.
    pub(super) fn sample(&mut self, local: usize) {
        self.mention(local);
        self.locals[local].consumed = true;
    }

    /// One piece of a group is read.
    pub(super) fn read(&mut self, local: usize) {
        self.mention(local);
        self.locals[local].consumed = true;
        self.locals[local].resumed |= self.state.as_ref().is_some_and(|state| state.maybe(local));
        if let Some(state) = &mut self.state {
            state.read(local);
        }
        if let Some(body) = self.body() {
            for around in body.loops.iter_mut().filter(|around| around.kind != LoopKind::Block) {
                around.read.insert(local);
            }
        }
        let aliases = self.locals[local].init.aliases.clone();
        for alias in aliases {
            if alias != local {
                self.read(alias);
            }
        }
    }

    /// One piece is put into a group.
    pub(super) fn fill(&mut self, local: usize) {
        self.mention(local);
        self.locals[local].init.tracked = true;
        if let Some(state) = &mut self.state {
            state.fill(local);
        }
        if let Some(body) = self.body() {
            for around in &mut body.loops {
                around.filled.insert(local);
            }
        }
    }
}

/// `Pin::new(..)` and its like.
pub(super) fn is_pin_new(call: &syn::ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else { return false };
    let mut segments = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    last_segment(&path.path) == "new" && segments.nth(1).is_some_and(|name| name == "Pin")
}
