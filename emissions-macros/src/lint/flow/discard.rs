//! Values that are dropped: statements, wildcards, `drop`, and what discards its receiver.

use quote::ToTokens;
use syn::{Expr, Type};

use super::{Dropped, Event, LocalId, Tail, Walker, call::RACED};
use crate::lint::{
    names::{self, one_of},
    opened::Form,
    report::{Anchor, Feed, Node, SlotId, Verdict, Via},
    rules::{
        detached_task::{DETACHED_TASK, DETACHED_THREAD},
        discarded_work::{DISCARDED_FUTURE, DISCARDED_GROUP},
        ignored_result::IGNORED_RESULT,
        opaque_consumer::OPAQUE_CONSUMER,
    },
    syntax::{bare, has_cfg, is_plain, is_rvalue, is_simple_place, last_segment, local_name, needs_expectation},
};

/// What may not be pending where it is dropped.
pub(super) const DISCARDED: &[&Verdict] = &[&DISCARDED_FUTURE, &DISCARDED_GROUP, &DETACHED_TASK, &DETACHED_THREAD];

/// The same for a statement, whose result must not be lost either.
const STATEMENT: &[&Verdict] =
    &[&DISCARDED_FUTURE, &DISCARDED_GROUP, &DETACHED_TASK, &DETACHED_THREAD, &IGNORED_RESULT];

impl Walker<'_> {
    /// The value is dropped here; `statement` if it stands alone.
    pub(super) fn discard(&mut self, expr: &Expr, statement: bool) {
        self.dropped(expr, Dropped { statement, choice: None });
    }

    /// The value is dropped as `how` says.
    pub(super) fn dropped(&mut self, expr: &Expr, how: Dropped) {
        let Dropped { statement, choice } = how;
        let branch = Dropped { choice: choice.or(Some(Node::of(expr))), ..how };
        match bare(expr) {
            Expr::Path(_) => {
                if let Some(local) = self.local_of(expr)
                    && statement
                {
                    self.drop_local(local, expr);
                } else if let Some(local) = self.local_of(expr) {
                    self.mention(local);
                    if self.pending(local) > 0 {
                        let (from, to) = self.span(expr);
                        self.event(local, Event::Waved(from, to));
                    }
                }
            }
            Expr::Field(_) | Expr::Index(_) => self.look(expr),
            Expr::Tuple(tuple) => tuple.elems.iter().for_each(|part| self.discard_value(part)),
            Expr::Struct(literal) if literal.rest.is_none() => {
                literal.fields.iter().for_each(|field| self.discard_value(&field.expr));
            }
            Expr::Block(block) if block.label.is_none() => self.block(&block.block, Tail::Dropped(how)),
            Expr::Unsafe(block) => self.block(&block.block, Tail::Dropped(how)),
            Expr::If(choosing) => self.branch(choosing, Tail::Dropped(branch)),
            Expr::Match(matching) => self.matching(matching, Tail::Dropped(branch)),
            inner => {
                let asked = choice.is_some_and(|choice| self.asked.contains(&choice));
                let asks = is_rvalue(inner) && self.probe_dropped(inner, statement, asked);
                self.value(inner, false);
                // What never comes back has no type to speak of.
                if let Some(choice) = choice.filter(|_| asks && self.state.is_some()) {
                    self.asked.insert(choice);
                }
            }
        }
    }

    /// A value that moves to where it is dropped, so that a local is dropped as well.
    pub(super) fn discard_value(&mut self, expr: &Expr) {
        match (bare(expr), self.local_of(expr)) {
            (_, Some(local)) => self.drop_local(local, expr),
            (Expr::Field(_), None) => {
                if self.first(Node::of(expr), 3) {
                    let slot = self.slot(Anchor::Around(Node::of(expr)), Feed::Value);
                    let span = self.span(expr);
                    self.probe(slot, Via::Whole, DISCARDED, span);
                }
                self.value(expr, false);
            }
            _ => self.discard(expr, false),
        }
    }

    /// `let _ = expr;` and `let _: Type = expr;`
    pub(super) fn discard_wildcard(&mut self, expr: &Expr, typed: Option<&Type>) {
        if typed.is_some_and(|typed| matches!(typed, Type::Reference(_))) {
            self.value(expr, false);
        } else {
            self.discard(expr, false);
        }
    }

    /// A local is dropped by name.
    pub(super) fn drop_local(&mut self, local: LocalId, at: &Expr) {
        self.mention(local);
        if self.pending(local) > 0 {
            let (from, to) = self.span(at);
            self.event(local, Event::Dropped(from, to));
            let aliases = self.locals[local].init.carries.clone();
            for alias in aliases {
                self.event(alias, Event::Dropped(from, to));
            }
            if let Some(state) = &mut self.state {
                state.set(local, 0);
            }
        }
        self.taken(local);
    }

    /// Probes the type of a value that is made and dropped, unless it was `asked` elsewhere; whether
    /// there is something to ask.
    fn probe_dropped(&mut self, expr: &Expr, statement: bool, asked: bool) -> bool {
        if is_plain(expr) || has_cfg(attrs_of(expr)) && !statement {
            return false;
        }
        if let Some((opened, _)) = self.macros.get(expr) {
            let result = matches!(opened.name().as_str(), "write" | "writeln");
            match opened.form {
                Form::Look if !result => return false,
                Form::Pin | Form::PinLet(_) | Form::Matches(..) => return false,
                _ => {}
            }
        }
        let verdicts: &[&Verdict] = match expr {
            // What it displaces is the map's business.
            Expr::MethodCall(call) if call.method == "insert" => return false,
            // An empty slot has nothing to give back.
            Expr::MethodCall(call) if call.method == "replace" && self.is_empty(&call.receiver) => return false,
            _ if asked => &[],
            // What has lost a race is asked of its losers.
            _ if self.out_of_race(expr) && statement => &[&IGNORED_RESULT],
            _ if self.out_of_race(expr) => &[],
            Expr::MethodCall(call) if self.gives_back(call) => {
                if !statement {
                    return false;
                }
                &[&IGNORED_RESULT]
            }
            Expr::Async(_) => DISCARDED,
            // Of what it drops its receiver was asked.
            Expr::MethodCall(call) if call.args.is_empty() && one_of(names::DISCARDERS, &call.method.to_string()) => {
                if !statement {
                    return false;
                }
                &[&IGNORED_RESULT]
            }
            _ if statement => STATEMENT,
            _ => DISCARDED,
        };
        if needs_expectation(expr) && !matches!(expr, Expr::Call(_)) {
            return false;
        }
        if !self.first(Node::of(expr), 0) {
            return false;
        }
        let slot = self.slot(Anchor::Around(Node::of(expr)), Feed::Value);
        let via = match expr {
            Expr::MethodCall(call)
                if call.method.to_string().starts_with("spawn") && is_simple_place(&call.receiver) =>
            {
                let place = Feed::Place(call.receiver.to_token_stream());
                Via::SpawnedBy(self.slot(Anchor::Around(Node::of(expr)), place))
            }
            _ => Via::Whole,
        };
        let span = self.span(expr);
        self.probe(slot, via, verdicts, span);
        if self.out_of_race(expr) {
            self.probe(slot, Via::Losers, RACED, span);
        }
        self.probe_given(expr, slot);
        true
    }

    fn is_empty(&self, receiver: &Expr) -> bool {
        self.root(receiver).is_some_and(|(local, _)| self.locals[local].init.tracked && self.pending(local) == 0)
    }

    /// Whether a method of a local that is watched puts something into it, and gives back what did not fit.
    pub(super) fn gives_back(&self, call: &syn::ExprMethodCall) -> bool {
        let watched = |(local, _): (LocalId, bool)| self.locals[local].init.tracked;
        matches!(call.method.to_string().as_str(), "set" | "try_insert" | "try_push")
            && self.root(&call.receiver).is_some_and(watched)
    }

    /// Probes what goes into a free function whose result is dropped.
    fn probe_given(&mut self, expr: &Expr, result: SlotId) {
        let expr = match expr {
            Expr::Try(inner) => bare(&inner.expr),
            other => other,
        };
        let Expr::Call(call) = expr else { return };
        let Expr::Path(path) = &*call.func else { return };
        if self.macros.get(expr).is_some() {
            return;
        }
        let name = self.original_name(&last_segment(&path.path));
        let written = last_segment(&path.path);
        let segments = &path.path.segments;
        let of_type =
            segments.len() > 1 && segments[segments.len() - 2].ident.to_string().starts_with(char::is_uppercase);
        if path.qself.is_some()
            || of_type
            || name.starts_with(char::is_uppercase)
            || name.starts_with("spawn")
            || self.options.consumes(&written)
            || one_of(names::DRIVERS, &name)
            || one_of(names::DROPPERS, &name)
            || matches!(name.as_str(), "replace" | "swap" | "take")
            || call.args.iter().any(is_spawn_function)
            || path.path.get_ident().is_some_and(|ident| self.resolve(&ident.to_string()).is_some())
        {
            return;
        }
        let judged = path.path.get_ident().and_then(|name| self.functions.get(&name.to_string())).cloned();
        for (index, arg) in call.args.iter().enumerate() {
            if judged.as_ref().is_some_and(|judged| judged.get(index) == Some(&true)) {
                continue;
            }
            let inner = bare(arg);
            let span = self.span(arg);
            if let Some(name) = local_name(inner) {
                let Some(local) = self.resolve(&name.to_string()) else { continue };
                if self.locals[local].init.tracked && self.pending(local) > 0 {
                    let slot = self.slot(Anchor::Around(Node::of(expr_of(expr))), Feed::Place(name.to_token_stream()));
                    self.probe(slot, Via::GivenTo(result), &[&OPAQUE_CONSUMER], span);
                }
            } else if is_rvalue(inner) && !is_plain(inner) && !needs_expectation(inner) && self.first(Node::of(arg), 4)
            {
                let slot = self.slot(Anchor::Around(Node::of(arg)), Feed::Value);
                self.probe(slot, Via::GivenTo(result), &[&OPAQUE_CONSUMER], span);
            }
        }
    }

    /// Probes a receiver or an argument that is dropped where it stands, and walks it.
    pub(super) fn probe_receiver(&mut self, receiver: &Expr, verdicts: &[&'static Verdict]) {
        let inner = bare(receiver);
        if is_rvalue(inner)
            && !matches!(inner, Expr::MethodCall(call) if self.gives_back(call))
            && !is_plain(inner)
            && !needs_expectation(inner)
            && !self.has_open_type(inner)
            && !has_cfg(attrs_of(inner))
            && self
                .macros
                .get(inner)
                .is_none_or(|(opened, _)| matches!(opened.form, Form::Join | Form::Select(_) | Form::List))
            && self.first(Node::of(receiver), 0)
        {
            let via = match inner {
                Expr::MethodCall(call)
                    if call.method.to_string().starts_with("spawn") && is_simple_place(&call.receiver) =>
                {
                    let place = Feed::Place(call.receiver.to_token_stream());
                    Via::SpawnedBy(self.slot(Anchor::Around(Node::of(receiver)), place))
                }
                _ => Via::Whole,
            };
            let slot = self.slot(Anchor::Around(Node::of(receiver)), Feed::Value);
            let span = self.span(inner);
            self.probe(slot, via, verdicts, span);
        }
    }

    /// The name a function has where it comes from.
    pub(super) fn original_name(&self, name: &str) -> String {
        self.renamed.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    /// The argument of `drop` or `forget`.
    pub(super) fn dropped_argument(&mut self, arg: &Expr) {
        if let Some(local) = self.local_of(arg) {
            self.drop_local(local, arg);
        } else {
            self.discard_value(arg);
        }
    }
}

/// Whether a spawn function is passed on, which is a finding of its own.
fn is_spawn_function(arg: &Expr) -> bool {
    matches!(bare(arg), Expr::Path(path) if last_segment(&path.path).starts_with("spawn"))
}

/// The node itself; a place to say that the slot lies around the call and not around its argument.
fn expr_of(expr: &Expr) -> &Expr {
    expr
}

pub(super) fn attrs_of(expr: &Expr) -> &[syn::Attribute] {
    match expr {
        Expr::Call(inner) => &inner.attrs,
        Expr::MethodCall(inner) => &inner.attrs,
        Expr::Await(inner) => &inner.attrs,
        Expr::Try(inner) => &inner.attrs,
        Expr::Async(inner) => &inner.attrs,
        Expr::Macro(inner) => &inner.attrs,
        Expr::Block(inner) => &inner.attrs,
        Expr::If(inner) => &inner.attrs,
        Expr::Match(inner) => &inner.attrs,
        _ => &[],
    }
}
