//! Calls of functions and methods.

use syn::{Expr, Pat};

use super::{Event, Walker, discard::DISCARDED, expr::is_pin_new};
use crate::lint::{
    names::{self, one_of},
    report::{Node, Verdict},
    rules::{
        detach_without_reason,
        detached_task::{DETACHED_TASK, DETACHED_THREAD},
        hidden_spawn,
        raced_handle::RACED_HANDLE,
        undrained_group::CUT_SHORT,
    },
    syntax::{bare, is_polymorphic, is_rvalue, last_segment},
};

impl Walker<'_> {
    pub(super) fn call(&mut self, call: &syn::ExprCall, awaited: bool) {
        let name = match &*call.func {
            Expr::Path(path) => {
                if let Some(local) = self.local_of(&call.func) {
                    self.consume(local, false);
                }
                let name = last_segment(&path.path);
                if path.path.segments.len() == 1 { self.original_name(&name) } else { name }
            }
            Expr::Paren(inner) => {
                self.look(&inner.expr);
                String::new()
            }
            other => {
                self.value(other, false);
                String::new()
            }
        };
        if one_of(names::DROPPERS, &name) && call.args.len() == 1 {
            call.args.iter().for_each(|arg| self.dropped_argument(arg));
            return;
        }
        if name == "leak" {
            call.args.iter().for_each(|arg| self.dropped_argument(arg));
            return;
        }
        if matches!(name.as_str(), "take" | "replace" | "swap") {
            // `std::mem::take(&mut group)`: what it held is in the result.
            for arg in &call.args {
                if let Expr::Reference(reference) = bare(arg)
                    && let Some((local, _)) = self.root(&reference.expr)
                {
                    self.consume(local, false);
                } else {
                    self.value(arg, awaited);
                }
            }
            return;
        }
        let lent = awaited || one_of(names::DRIVERS, &name);
        for arg in &call.args {
            self.spawn_as_value(arg, &name);
            if let Expr::Closure(closure) = bare(arg) {
                self.closure(closure, false);
            } else if is_pin_new(call) {
                self.look_or_value(arg, lent);
            } else {
                self.value(arg, lent);
            }
        }
        if name == "exit" || name == "abort" && matches!(&*call.func, Expr::Path(path) if path.path.segments.len() > 1)
        {
            self.state = None;
        }
    }

    fn look_or_value(&mut self, arg: &Expr, awaited: bool) {
        match (awaited, self.root(arg)) {
            (true, Some((local, _))) => self.consume(local, false),
            _ => self.value(arg, awaited),
        }
    }

    pub(super) fn method(&mut self, expr: &Expr, call: &syn::ExprMethodCall, awaited: bool) {
        let name = call.method.to_string();
        let receiver = bare(&call.receiver);
        let root = self.root(receiver);
        if name == "detach" && call.args.len() == 2 {
            self.detach(call);
        }
        // What gives back a value is no discard if that is awaited, here or by whom it is handed to.
        let kept = if one_of(names::DETACHERS, &name) { self.direct == Some(Node::of(expr)) } else { awaited };
        if one_of(names::DISCARDERS, &name) && !kept && call.args.is_empty() {
            if name == "detach_all" {
                if let Some((local, _)) = root
                    && self.pending(local) > 0
                {
                    let (from, to) = self.span(expr);
                    self.event(local, Event::Dropped(from, to));
                }
                self.look(receiver);
                return;
            }
            match self.local_of(receiver) {
                // Moved and dropped, or looked at: in both cases it is as pending as before.
                Some(local) if one_of(names::TERMINALS, &name) => self.mention(local),
                Some(local) => self.drop_local(local, expr),
                None => {
                    self.probe_receiver(receiver, DISCARDED);
                    self.value(receiver, false);
                }
            }
            return;
        }
        if name == "for_each" && call.args.first().is_some_and(is_dropper) && !awaited {
            match self.local_of(receiver) {
                Some(local) => self.drop_local(local, expr),
                None => {
                    self.probe_receiver(receiver, DISCARDED);
                    self.value(receiver, false);
                }
            }
            return;
        }
        if let Some((local, part)) = root.filter(|(local, _)| self.is_watched(*local)) {
            self.method_of_local(expr, call, local, part, awaited, &name);
        } else {
            let direct = self.direct == Some(Node::of(expr));
            self.method_of_value(receiver, &name, direct, awaited);
        }
        let lent = awaited || name == "block_on" || name == "run_until";
        for arg in &call.args {
            if !matches!(name.as_str(), "map" | "then" | "filter_map" | "flat_map" | "and_then" | "map_ok" | "map_or") {
                self.spawn_as_value(arg, &name);
            }
            if let Expr::Closure(closure) = bare(arg) {
                let settled = closure.inputs.len() == 1 && !one_of(FOLDS, &name) && !is_polymorphic(receiver);
                self.closure(closure, settled);
            } else {
                self.value(arg, lent);
            }
        }
    }

    pub(super) fn is_watched(&self, local: usize) -> bool {
        let init = &self.locals[local].init;
        init.tracked || !init.aliases.is_empty()
    }

    fn method_of_local(
        &mut self,
        expr: &Expr,
        call: &syn::ExprMethodCall,
        local: usize,
        part: bool,
        awaited: bool,
        name: &str,
    ) {
        self.mention(local);
        // Indices on the way to the local.
        if let Expr::Index(index) = bare(&call.receiver) {
            self.value(&index.index, false);
        }
        if name == "abort" || name == "abort_all" {
            // Asked to stop is not stopped: it must be joined from here on.
            self.locals[local].aborted = true;
            if self.locals[local].init.tracked
                && let Some(state) = &mut self.state
            {
                state.fill(local);
            }
        }
        if one_of(names::SAMPLERS, name) {
            self.sample(local);
        } else if one_of(names::READERS, name) {
            self.read(local);
            if !one_of(names::PICKERS, name) {
                self.recent.push(local);
            }
        } else if one_of(names::FILLERS, name) {
            self.fill(local);
            if !call.args.is_empty() && call.args.iter().all(|arg| self.has_type_of_its_own(arg)) {
                self.locals[local].init.polymorphic = false;
            }
        } else if one_of(names::CLEARERS, name) {
            let span = self.span(expr);
            self.replaced(local, span);
        } else if one_of(names::PASSAGES, name) {
            if awaited {
                self.consume(local, false);
            }
        } else if matches!(name, "poll" | "poll_unpin") && call.args.len() == 1 && !self.is_repeated() {
            // Once is not to the end, unless it turns out to be ready.
            self.polled.push(local);
        } else if one_of(names::CONDITIONS, name) && call.args.iter().any(takes_by_name) {
            // The closure has it now, and is asked what it does with it.
            self.consume(local, true);
        } else if one_of(names::INSPECTORS, name) {
            // Stays as it is.
        } else if name == "clone" {
            // A clone that goes somewhere is taken to be awaited there; one that is bound is another name.
            self.locals[local].consumed = true;
            if let Some(state) = &mut self.state {
                state.set(local, 0);
            }
        } else if part {
            self.read(local);
        } else {
            let by_value = !one_of(names::READERS, name);
            self.consume(local, by_value && self.moves_receiver(name));
        }
    }

    pub(super) fn is_in_loop(&self) -> bool {
        let loops = self.bodies.last().map(|body| &body.loops);
        loops.is_some_and(|loops| loops.iter().any(|around| around.kind != super::LoopKind::Block))
    }

    /// Whether what stands here may run more than once: in a loop, or in a closure that somebody calls.
    fn is_repeated(&self) -> bool {
        self.bodies.len() > 1 || self.is_in_loop()
    }

    /// Whether a method that nobody knows is taken to move what it is called on.
    pub(super) fn moves_receiver(&self, name: &str) -> bool {
        matches!(
            name,
            "map"
                | "then"
                | "boxed"
                | "boxed_local"
                | "shared"
                | "fuse"
                | "into_iter"
                | "unwrap"
                | "expect"
                | "await"
                | "join"
                | "join_all"
                | "finish"
                | "collect"
                | "and_then"
                | "unwrap_or"
                | "ok_or"
                | "into_stream"
        )
    }

    fn method_of_value(&mut self, receiver: &Expr, name: &str, direct: bool, awaited: bool) {
        let lossy = one_of(names::LOSSY, name) && is_by_value_iterator(receiver);
        if lossy && !awaited {
            self.probe_receiver(receiver, &[&CUT_SHORT]);
        } else if name == "next" && !direct {
            self.probe_receiver(receiver, DISCARDED);
        } else if name == "abort_handle" {
            self.probe_receiver(receiver, &[&DETACHED_TASK, &DETACHED_THREAD]);
        } else if one_of(names::INSPECTORS, name) && !direct && !one_of(BORROWING, name) {
            self.probe_receiver(receiver, DISCARDED);
        }
        if is_rvalue(receiver) {
            self.value(receiver, awaited);
        } else if let Some(local) = self.local_of(receiver) {
            self.mention(local);
            if !one_of(names::INSPECTORS, name) && !one_of(names::PASSAGES, name) {
                self.consume(local, false);
            }
        } else {
            match receiver {
                Expr::Reference(reference) => self.borrow(&reference.expr, reference.mutability.is_some(), awaited),
                Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) => self.look(receiver),
                other => self.value(other, awaited),
            }
        }
    }

    /// `ctx.detach("reason", future)`: the one opt-out in a body.
    fn detach(&mut self, call: &syn::ExprMethodCall) {
        let Some(reason) = call.args.first() else { return };
        match bare(reason) {
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) if !text.value().trim().is_empty() => {
                if self.first(Node::of(call), 5) {
                    self.report.detached.push((text.value(), text.span()));
                }
            }
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(_), .. }) => self.finding(
                &detach_without_reason::RULE,
                reason,
                "the reason of `detach` is empty\nsay in a few words why nobody waits for this work",
            ),
            _ => self.finding(
                &detach_without_reason::RULE,
                reason,
                "the reason of `detach` is not a literal\nwrite it out, so that it can be found and listed: `ctx.detach(\"why nobody waits\", …)`",
            ),
        }
    }

    /// A spawn function that is passed on instead of called.
    fn spawn_as_value(&mut self, arg: &Expr, callee: &str) {
        let Expr::Path(path) = bare(arg) else { return };
        let name = last_segment(&path.path);
        let original = self.original_name(&name);
        let local = self.local_of(arg);
        let spawns = match local {
            Some(local) => self.locals[local].init.spawns,
            None => {
                path.path.segments.len() > 1 && name.starts_with("spawn")
                    || original.starts_with("spawn") && original != name
            }
        };
        if spawns && !self.options.consumes(callee) {
            self.finding(
                &hidden_spawn::RULE,
                arg,
                "a spawn function is passed on here, and nobody sees what becomes of the tasks it starts\n\
                 call it where the handle can be awaited, or use `ctx.spawn(…)`",
            );
        }
    }
}

pub(super) const RACED: &[&Verdict] = &[&RACED_HANDLE];

/// Methods that give something to look at later; the receiver lives on with it.
const BORROWING: &[&str] = &[
    "as_ref", "as_deref", "as_slice", "iter", "values", "get", "keys", "retain", "borrow", "close", "peek", "first",
    "front", "back",
];

/// Methods whose closures see types that are not settled when they are checked.
const FOLDS: &[&str] = &[
    "fold",
    "try_fold",
    "scan",
    "reduce",
    "unwrap_or_else",
    "or_else",
    "get_or_init",
    "call_once",
    "map_err",
    "inspect_err",
    "or_insert_with",
    "get_or_insert_with",
    "poll_fn",
];

/// `|task| ..`
fn takes_by_name(arg: &Expr) -> bool {
    matches!(bare(arg), Expr::Closure(closure) if matches!(closure.inputs.first(), Some(Pat::Ident(_))))
}

fn is_dropper(arg: &Expr) -> bool {
    matches!(bare(arg), Expr::Path(path) if one_of(names::DROPPERS, &last_segment(&path.path)))
}

/// `x.into_iter()` or `x.drain(..)`, not made by a lazy adapter.
fn is_by_value_iterator(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::MethodCall(call) if matches!(call.method.to_string().as_str(), "into_iter" | "drain" | "into_values"))
}
