//! Statements, bindings and branches.

use quote::ToTokens;
use syn::{Block, Expr, Item, Pat, Stmt};

use super::{
    Init, LoopKind, Tail, Walker,
    cases::{is_empty_case, is_payload_ignored, poll_case, takes_apart},
    pattern::{binds, moves, payload_left},
    state,
};
use crate::lint::{
    report::{Anchor, Node},
    syntax::{bare, collected, has_cfg, has_infer},
};

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
                self.was_ready(&polled, &mut state);
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
