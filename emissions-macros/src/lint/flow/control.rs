//! Statements, branches, loops and exits.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{BinOp, Block, Expr, Ident, Item, Lifetime, Pat, Stmt, UnOp};

use super::{
    Event, Init, Loop, LoopKind, Tail, Walker,
    discard::DISCARDED,
    ends,
    pattern::{binds, moves, payload_left, thrown_away},
    state::{self, State},
};
use crate::lint::{
    report::{Anchor, Feed, Node, Via},
    rules::undrained_group::CUT_SHORT,
    syntax::{bare, collected, has_cfg, has_infer, is_plain, is_rvalue, last_segment, needs_expectation},
};

type Paths = (Option<State>, Option<State>);

impl Walker<'_> {
    pub(super) fn block(&mut self, block: &Block, tail: Tail) {
        self.open_scope();
        let around = std::mem::replace(&mut self.in_tail, false);
        for stmt in &block.stmts {
            if let Stmt::Item(Item::Fn(function)) = stmt {
                self.functions.insert(function.sig.ident.to_string(), judged_parameters(&function.sig));
            }
        }
        for (index, stmt) in block.stmts.iter().enumerate() {
            let last = index + 1 == block.stmts.len();
            match stmt {
                Stmt::Local(local) => self.binding(local),
                Stmt::Item(item) => self.item(item),
                Stmt::Expr(expr, Some(_)) => self.discard(expr, true),
                Stmt::Expr(expr, None) if !last => self.value(expr, false),
                Stmt::Expr(expr, None) => {
                    self.in_tail = tail == Tail::Function || around;
                    match tail {
                        Tail::Function => self.value(expr, true),
                        Tail::Used { awaited } => self.value(expr, awaited),
                        Tail::Dropped(how) => self.dropped(expr, how),
                    }
                }
                Stmt::Macro(mac) => self.macro_statement(stmt, mac),
            }
        }
        self.in_tail = around;
        self.close_scope();
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(function) if !has_cfg(&function.attrs) => {
                self.nested(&function.sig, &function.block);
            }
            Item::Impl(block) => {
                for item in &block.items {
                    if let syn::ImplItem::Fn(method) = item {
                        self.nested(&method.sig, &method.block);
                    }
                }
            }
            Item::Use(declaration) => self.rename(&declaration.tree),
            _ => {}
        }
    }

    /// A function of its own inside of this one.
    fn nested(&mut self, signature: &syn::Signature, block: &Block) {
        let report = std::mem::take(&mut self.report);
        self.report = Walker::check(signature, block, self.macros, self.options, report);
    }

    fn rename(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.rename(&path.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.rename(tree)),
            syn::UseTree::Rename(rename) => {
                self.renamed.insert(rename.rename.to_string(), rename.ident.to_string());
            }
            _ => {}
        }
    }

    fn binding(&mut self, local: &syn::Local) {
        let anchor = Anchor::AfterLet(Node::of(local));
        let Some(init) = &local.init else {
            self.anchor = Some(anchor);
            self.bind(&local.pat, &Init { tracked: true, polymorphic: true, ..Init::default() });
            return;
        };
        let (pattern, typed) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pattern => (pattern, None),
        };
        if let Some((_, otherwise)) = &init.diverge {
            let (matched, missed) = self.matched(pattern, &init.expr, Some(anchor));
            self.state = missed;
            self.value(otherwise, false);
            self.state = matched;
            return;
        }
        if matches!(pattern, Pat::Wild(_)) {
            self.discard_wildcard(&init.expr, typed);
            return;
        }
        self.bound(pattern, &init.expr, typed, anchor);
    }

    /// Walks the initializer and declares what the pattern binds.
    fn bound(&mut self, pattern: &Pat, expr: &Expr, typed: Option<&syn::Type>, anchor: Anchor) {
        // A tuple or a struct taken apart on the spot: part by part.
        if self.macros.get(expr).is_none() {
            match (pattern, bare(expr)) {
                (Pat::Tuple(parts), Expr::Tuple(values))
                    if !parts.elems.iter().any(|part| matches!(part, Pat::Rest(_)))
                        && parts.elems.len() == values.elems.len() =>
                {
                    for (part, value) in parts.elems.iter().zip(&values.elems) {
                        self.bound_or_discarded(part, value, anchor);
                    }
                    return;
                }
                (Pat::Tuple(parts), Expr::Tuple(values)) => {
                    let rest = parts.elems.iter().position(|part| matches!(part, Pat::Rest(_))).unwrap_or(0);
                    let behind = parts.elems.len().saturating_sub(rest + 1);
                    for (index, value) in values.elems.iter().enumerate() {
                        if index < rest {
                            self.bound_or_discarded(&parts.elems[index], value, anchor);
                        } else if index + behind >= values.elems.len() {
                            let part = index + behind - values.elems.len() + rest + 1;
                            self.bound_or_discarded(&parts.elems[part], value, anchor);
                        } else {
                            self.discard(value, false);
                        }
                    }
                    return;
                }
                (Pat::Struct(parts), Expr::Struct(values)) if values.rest.is_none() => {
                    for value in &values.fields {
                        match parts.fields.iter().find(|part| part.member == value.member) {
                            Some(part) => self.bound_or_discarded(&part.pat, &value.expr, anchor),
                            None => self.discard(&value.expr, false),
                        }
                    }
                    return;
                }
                (Pat::Slice(parts), Expr::Array(values))
                    if !parts.elems.iter().any(|part| matches!(part, Pat::Rest(_)))
                        && parts.elems.len() == values.elems.len() =>
                {
                    for (part, value) in parts.elems.iter().zip(&values.elems) {
                        self.bound_or_discarded(part, value, anchor);
                    }
                    return;
                }
                _ => {}
            }
        }
        let mut init = self.init_of(expr);
        if let Expr::Closure(closure) = bare(expr) {
            init.carries = self.closure(closure, false);
        } else if let Expr::MethodCall(call) = bare(expr)
            && call.method == "clone"
            && self.root(&call.receiver).is_some()
        {
            self.look(&call.receiver);
        } else {
            let parts = self.parts_left(pattern, expr);
            match &parts {
                // A pattern that takes nothing leaves the local whole.
                Some((local, _)) if !moves(pattern) => self.mention(*local),
                _ => self.value(expr, false),
            }
            if let Some((local, Some(left))) = parts.filter(|_| moves(pattern)) {
                self.leave_behind(local, Node::of(pattern), left);
            }
        }
        if typed.is_some_and(|typed| {
            !has_infer(typed.to_token_stream()) || collected(expr).is_some_and(|items| !self.has_open_type(items))
        }) {
            init.polymorphic = false;
        }
        if typed.is_some_and(|typed| matches!(typed, syn::Type::Reference(_))) {
            init.tracked = false;
        }
        if !matches!(pattern, Pat::Ident(_)) {
            self.thrown(pattern, expr, false);
        }
        self.anchor = Some(anchor);
        self.bind(pattern, &init);
    }

    fn bound_or_discarded(&mut self, part: &Pat, value: &Expr, anchor: Anchor) {
        match part {
            Pat::Wild(_) => self.discard(value, false),
            Pat::Paren(inner) => self.bound_or_discarded(&inner.pat, value, anchor),
            part => self.bound(part, value, None, anchor),
        }
    }

    /// `let pattern = expr` as a condition: the states in which it matched and did not.
    fn matched(&mut self, pattern: &Pat, expr: &Expr, anchor: Option<Anchor>) -> Paths {
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
            Some(true) => self.done(&polled, &mut matched),
            Some(false) => self.done(&polled, &mut missed),
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
    fn scrutinee(&mut self, expr: &Expr, taken: bool) -> Init {
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
    fn condition_of_scope(&mut self, expr: &Expr) -> Paths {
        let (held, failed) = self.condition(expr);
        self.state = failed;
        self.end_scope();
        (held, self.state.take())
    }

    /// A condition: the states in which it held and did not.
    fn condition(&mut self, expr: &Expr) -> Paths {
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
                    Expr::MethodCall(call) if call.method == "is_ready" => self.done(&polled, &mut held),
                    Expr::MethodCall(call) if call.method == "is_pending" => self.done(&polled, &mut failed),
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
    fn done(&mut self, polled: &[usize], state: &mut Option<State>) {
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

    pub(super) fn branch(&mut self, branch: &syn::ExprIf, tail: Tail) {
        let before = self.state.clone();
        self.open_scope();
        self.anchor = Some(Anchor::InBlock(Node::of(&branch.then_branch)));
        let (held, failed) = self.condition_of_scope(&branch.cond);
        self.state = held;
        self.block(&branch.then_branch, tail);
        self.close_scope();
        let taken = std::mem::replace(&mut self.state, failed);
        if let Some((_, otherwise)) = &branch.else_branch {
            match &**otherwise {
                Expr::If(next) => self.branch(next, tail),
                Expr::Block(block) => self.block(&block.block, tail),
                other => self.value(other, false),
            }
        }
        self.state = state::join_choice(before.as_ref(), &[taken, self.state.take()]);
    }

    pub(super) fn matching(&mut self, matching: &syn::ExprMatch, tail: Tail) {
        let split = self.state.clone();
        let taken = matching.arms.iter().any(|arm| moves(pattern_of(arm)));
        let around = std::mem::take(&mut self.recent);
        let mut left: Vec<_> = matching
            .arms
            .iter()
            .map(|arm| self.parts_left(pattern_of(arm), &matching.expr).filter(|_| moves(pattern_of(arm))))
            .collect();
        let pending = self.local_of(&matching.expr).map(|local| (local, self.pending(local)));
        self.polled.clear();
        let init = self.scrutinee(&matching.expr, taken);
        let polled = std::mem::take(&mut self.polled);
        let reads = std::mem::replace(&mut self.recent, around);
        let unseen = !matching.arms.iter().any(|arm| binds(pattern_of(arm)) || takes_apart(pattern_of(arm)));
        let before = self.state.clone();
        let mut after = Vec::new();
        for (index, (arm, left)) in matching.arms.iter().zip(&mut left).enumerate() {
            let pattern = pattern_of(arm);
            self.thrown(pattern, &matching.expr, unseen);
            self.state.clone_from(&before);
            if poll_case(pattern) == Some(true) {
                let mut state = self.state.take();
                self.done(&polled, &mut state);
                self.state = state;
            }
            let others = matching.arms[..index].iter().map(|arm| (pattern_of(arm), guard_of(arm).is_some()));
            if matches!(pattern, Pat::Wild(_))
                && !unseen
                && let Some(payload) = payload_left(others)
            {
                match (pending, &mut self.state) {
                    (Some((local, pending)), Some(state)) => state.set(local, pending),
                    _ => self.thrown_payload(Node::of(pattern), &pattern.to_token_stream(), &payload, &matching.expr),
                }
            }
            if taken
                && is_payload_ignored(pattern)
                && let (Some((local, pending)), Some(state)) = (pending, &mut self.state)
            {
                state.set(local, pending);
            }
            if is_empty_case(pattern)
                && let Some(state) = &mut self.state
            {
                reads.iter().for_each(|local| state.empty(*local));
            }
            if let Some((local, Some(left))) = left.take() {
                self.leave_behind(local, Node::of(pattern), left);
            }
            self.open_scope();
            self.anchor = Some(anchor_before(&arm.body));
            self.bind(pattern, &init);
            if let Some(guard) = guard_of(arm) {
                let (held, _) = self.condition(guard);
                self.state = held;
            }
            match tail {
                Tail::Function => self.value(&arm.body, true),
                Tail::Used { awaited } => self.value(&arm.body, awaited),
                Tail::Dropped(how) => self.dropped(&arm.body, how),
            }
            self.close_scope();
            after.push(self.state.take());
        }
        self.state = state::join_choice(split.as_ref(), &after);
    }

    pub(super) fn labelled(&mut self, block: &syn::ExprBlock, tail: Tail) {
        let Some(label) = &block.label else {
            self.block(&block.block, tail);
            return;
        };
        self.open_loop(Some(&label.name), LoopKind::Block);
        self.block(&block.block, tail);
        let frame = self.close_loop();
        self.state = state::join(self.state.take(), frame.and_then(|frame| frame.breaks));
    }

    fn open_loop(&mut self, label: Option<&Lifetime>, kind: LoopKind) {
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

    fn close_loop(&mut self) -> Option<Loop> {
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

    // Exits.

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

/// Which parameters of a function in the body have a name and a type by which they are judged there.
fn judged_parameters(signature: &syn::Signature) -> Vec<bool> {
    let generic = |ty: &syn::Type| match ty {
        syn::Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| signature.generics.type_params().any(|parameter| parameter.ident == *name)),
        syn::Type::ImplTrait(_) => true,
        _ => false,
    };
    let judged = |input: &syn::FnArg| matches!(input, syn::FnArg::Typed(typed) if matches!(*typed.pat, Pat::Ident(_)) && !generic(&typed.ty));
    signature.inputs.iter().map(judged).collect()
}

pub(super) fn anchor_before(body: &Expr) -> Anchor {
    match body {
        Expr::Block(block) if block.label.is_none() => Anchor::InBlock(Node::of(&block.block)),
        other => Anchor::Before(Node::of(other)),
    }
}

fn pattern_of(arm: &syn::Arm) -> &Pat {
    match &arm.pat {
        Pat::Guard(guarded) => &guarded.pat,
        pattern => pattern,
    }
}

fn guard_of(arm: &syn::Arm) -> Option<&Expr> {
    match &arm.pat {
        Pat::Guard(guarded) => Some(&guarded.guard),
        _ => None,
    }
}

/// `None`, `Ok(None)`, `Poll::Ready(None)`.
fn is_empty_case(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(ident) => ident.ident == "None",
        Pat::Path(path) => last_segment(&path.path) == "None",
        Pat::TupleStruct(tuple) => tuple.elems.len() == 1 && tuple.elems.iter().all(is_empty_case),
        Pat::Wild(_) => true,
        _ => false,
    }
}

/// Whether the pattern is `Poll::Ready(..)`, if it is a case of `Poll` at all.
fn poll_case(pattern: &Pat) -> Option<bool> {
    let path = match pattern {
        Pat::TupleStruct(tuple) => &tuple.path,
        Pat::Path(path) => &path.path,
        Pat::Paren(inner) => return poll_case(&inner.pat),
        _ => return None,
    };
    match last_segment(path).as_str() {
        "Ready" => Some(true),
        "Pending" => Some(false),
        _ => None,
    }
}

/// `Some(_)`, `Ok(_)`: there is something, and nobody takes it.
fn is_payload_ignored(pattern: &Pat) -> bool {
    match pattern {
        Pat::TupleStruct(tuple) => {
            matches!(last_segment(&tuple.path).as_str(), "Some" | "Ok")
                && tuple
                    .elems
                    .iter()
                    .all(|part| matches!(part, Pat::Wild(_) | Pat::Rest(_)) || is_payload_ignored(part))
        }
        Pat::Paren(inner) => is_payload_ignored(&inner.pat),
        _ => false,
    }
}

fn is_failure_case(pattern: &Pat) -> bool {
    match pattern {
        Pat::TupleStruct(tuple) => last_segment(&tuple.path) == "Err" || tuple.elems.iter().any(is_failure_case),
        _ => false,
    }
}

/// Whether the pattern looks into the value at all.
pub(super) fn takes_apart(pattern: &Pat) -> bool {
    match pattern {
        Pat::Tuple(_)
        | Pat::TupleStruct(_)
        | Pat::Struct(_)
        | Pat::Slice(_)
        | Pat::Lit(_)
        | Pat::Range(_)
        | Pat::Or(_) => true,
        Pat::Paren(inner) => takes_apart(&inner.pat),
        _ => false,
    }
}
