//! Writes the probes into the body.
//!
//! What a probe generates stands behind a `loop {}` in a branch that is never taken: it is type-checked,
//! and makes nothing else. A type is learnt where the value is, and judged at the end of the outermost
//! block, when inference has seen the rest.

mod ask;

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Arm, Block, Expr, ExprAsync, ExprClosure, Ident, Item, Pat, Stmt,
    visit_mut::{self, VisitMut},
};

pub(super) use self::ask::spanned;
use self::ask::{Ask, dead, dead_copy, unreached, wildcard_name};
use super::{
    flow::ends,
    opened::Macros,
    report::{Anchor, Feed, Node, Report, SlotId, Via},
    syntax::has_cfg,
};
use crate::crate_path::CratePath;

/// Writes what the report asks for into the block, and closes the opened macros.
pub(super) fn write(block: &mut Block, report: &Report, macros: &mut Macros, krate: &CratePath) {
    let mut at: HashMap<Anchor, Vec<SlotId>> = HashMap::new();
    let mut used = vec![false; report.slots.len()];
    for probe in &report.probes {
        used[probe.slot] = true;
        if let Via::SpawnedBy(other) | Via::GivenTo(other) = probe.via {
            used[other] = true;
        }
    }
    for (id, slot) in report.slots.iter().enumerate().filter(|(id, _)| used[*id]) {
        at.entry(slot.anchor).or_default().push(id);
    }
    let mut writer = Writer { report, macros, krate, at, sink: None, written: 0, statement: None };
    writer.visit_block_mut(block);
}

/// The slots of the block that judges them.
#[derive(Default)]
struct Sink {
    slots: Vec<SlotId>,
    /// Where the block is left for good, and how many slots there were: nothing is written behind it that
    /// could be written before, since the compiler warns of the first thing it never reaches.
    left: Option<(usize, usize)>,
}

struct Writer<'a> {
    report: &'a Report,
    macros: &'a mut Macros,
    krate: &'a CratePath,
    at: HashMap<Anchor, Vec<SlotId>>,
    sink: Option<Sink>,
    written: usize,
    /// The expression that stands alone, as a statement.
    statement: Option<Node>,
}

impl Writer<'_> {
    fn ask(&self) -> Ask<'_> {
        Ask { report: self.report, krate: self.krate }
    }

    /// What learns the types at an anchor, as one statement.
    fn learn(&mut self, anchor: Anchor) -> TokenStream {
        let feeds = self.feeds(anchor);
        if feeds.is_empty() { feeds } else { dead(&feeds) }
    }

    /// The same without what keeps it from running.
    fn feeds(&mut self, anchor: Anchor) -> TokenStream {
        let Some(slots) = self.at.remove(&anchor) else { return TokenStream::new() };
        self.written += 1;
        let feeds: TokenStream = slots.iter().map(|slot| self.ask().feed(*slot)).collect();
        if let Some(sink) = &mut self.sink {
            sink.slots.extend(slots);
            return feeds;
        }
        let declarations: TokenStream = slots.iter().map(|slot| self.ask().declare(*slot)).collect();
        let checks = self.ask().checks(&slots);
        quote!(#declarations #feeds #checks)
    }

    /// What learns the items of a loop whose pattern binds nothing. The iterated expression stays as it is, for
    /// clippy has more to say of it than of others; a copy that never runs is asked in its place.
    fn learn_beside(&mut self, iterated: &Expr) -> TokenStream {
        let anchor = Anchor::Around(Node::of(iterated));
        let items = |slot: &SlotId| matches!(self.report.slots[*slot].feed, Feed::Items);
        if !self.at.get(&anchor).is_some_and(|slots| slots.iter().all(items)) {
            return TokenStream::new();
        }
        let mut copy = iterated.clone();
        self.macros.close_all(&mut copy);
        let feeds = self.feeds(anchor);
        dead_copy(&quote!(match #copy { __emissions_value => { #feeds } }))
    }

    /// Puts the slots of a block at its start and what judges them where `at` is.
    fn settle(&mut self, sink: Option<Sink>, statements: &mut Vec<Stmt>) {
        let Some(sink) = sink.filter(|sink| !sink.slots.is_empty()) else { return };
        let declarations: Vec<TokenStream> = sink.slots.iter().map(|slot| self.ask().declare(*slot)).collect();
        let checks = dead(&self.ask().checks(&sink.slots));
        let mut all: Vec<Stmt> = declarations.into_iter().map(verbatim).collect();
        let place = match sink.left {
            Some((place, slots)) if slots == sink.slots.len() => all.len() + place,
            _ => all.len() + statements.len(),
        };
        all.append(statements);
        // Not a tail: behind a `return` the block has any type.
        all.insert(place, Stmt::Expr(Expr::Verbatim(checks), Some(syn::token::Semi::default())));
        *statements = all;
    }

    /// Gives a name to each wildcard of a tuple that a slot asks for.
    fn name_wildcards(&self, pattern: &mut Pat) {
        match pattern {
            Pat::Wild(wild) => {
                let node = Node::of(wild);
                let slot =
                    self.at.values().flatten().copied().find(
                        |slot| matches!(self.report.slots[*slot].feed, Feed::Wildcard(wildcard) if wildcard == node),
                    );
                if let Some(slot) = slot {
                    *pattern = Pat::Ident(syn::PatIdent {
                        attrs: Vec::new(),
                        by_ref: None,
                        mutability: None,
                        ident: wildcard_name(slot),
                        subpat: None,
                    });
                }
            }
            Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(|part| self.name_wildcards(part)),
            Pat::Paren(inner) => self.name_wildcards(&mut inner.pat),
            Pat::Type(typed) => self.name_wildcards(&mut typed.pat),
            _ => {}
        }
    }

    /// A body of its own: its types are judged inside of it.
    fn apart(&mut self, visit: impl FnOnce(&mut Self)) {
        let outer = self.sink.take();
        visit(self);
        self.sink = outer;
    }

    fn cfg_attrs(stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Local(local) => has_cfg(&local.attrs),
            Stmt::Macro(mac) => has_cfg(&mac.attrs),
            Stmt::Expr(expr, _) => has_cfg(&attrs_of(expr)),
            Stmt::Item(_) => false,
        }
    }
}

fn verbatim(tokens: TokenStream) -> Stmt {
    Stmt::Expr(Expr::Verbatim(tokens), None)
}

fn attrs_of(expr: &Expr) -> Vec<syn::Attribute> {
    let mut expr = expr.clone();
    take_attrs(&mut expr)
}

fn take_attrs(expr: &mut Expr) -> Vec<syn::Attribute> {
    match expr {
        Expr::Call(inner) => std::mem::take(&mut inner.attrs),
        Expr::MethodCall(inner) => std::mem::take(&mut inner.attrs),
        Expr::Await(inner) => std::mem::take(&mut inner.attrs),
        Expr::Try(inner) => std::mem::take(&mut inner.attrs),
        Expr::Async(inner) => std::mem::take(&mut inner.attrs),
        Expr::Macro(inner) => std::mem::take(&mut inner.attrs),
        Expr::Field(inner) => std::mem::take(&mut inner.attrs),
        _ => Vec::new(),
    }
}

impl VisitMut for Writer<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        let own = self.sink.is_none();
        if own {
            self.sink = Some(Sink::default());
        }
        let start = self.learn(Anchor::InBlock(Node::of(block)));
        let mut statements = Vec::new();
        if !start.is_empty() {
            statements.push(verbatim(start));
        }
        let mut tail = None;
        let count = block.stmts.len();
        for (index, stmt) in block.stmts.iter_mut().enumerate() {
            if index + 1 == count && matches!(stmt, Stmt::Expr(_, None)) {
                if own {
                    let sink = self.sink.take();
                    self.settle(sink, &mut statements);
                }
                self.visit_stmt_mut(stmt);
                tail = Some(stmt.clone());
                break;
            }
            let conditional = Self::cfg_attrs(stmt);
            let before = self.learn(Anchor::BeforeStatement(Node::of(stmt)));
            if !before.is_empty() {
                statements.push(verbatim(before));
            }
            if own
                && let Some(sink) = &mut self.sink
                && let Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_), _) = stmt
            {
                sink.left = sink.left.or(Some((statements.len(), sink.slots.len())));
            }
            if let Stmt::Expr(expr, Some(_)) = stmt {
                self.statement = Some(Node::of(expr));
            }
            let node = match stmt {
                Stmt::Local(local) => Some(Node::of(local)),
                _ => None,
            };
            if conditional {
                self.apart(|writer| writer.visit_stmt_mut(stmt));
            } else {
                self.visit_stmt_mut(stmt);
            }
            statements.push(stmt.clone());
            if let Some(node) = node.filter(|_| !conditional) {
                let learnt = self.learn(Anchor::AfterLet(node));
                if !learnt.is_empty() {
                    statements.push(verbatim(learnt));
                }
            }
        }
        if own && tail.is_none() {
            let sink = self.sink.take();
            self.settle(sink, &mut statements);
        }
        statements.extend(tail);
        block.stmts = statements;
        if own {
            self.sink = None;
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let node = Node::of(expr);
        let alone = self.statement == Some(node);
        let before = self.written;
        let beside = if let Expr::ForLoop(each) = expr { self.learn_beside(&each.expr) } else { TokenStream::new() };
        match expr {
            Expr::Closure(closure) => self.apart(|writer| writer.visit_expr_closure_mut(closure)),
            Expr::Async(block) => self.apart(|writer| writer.visit_expr_async_mut(block)),
            Expr::Const(_) => {}
            _ => visit_mut::visit_expr_mut(self, expr),
        }
        if self.written > before {
            self.macros.touch(expr);
        }
        self.macros.close(expr);
        let around = self.feeds(Anchor::Around(node));
        if !around.is_empty() {
            let around = unreached(&around);
            let attrs = take_attrs(expr);
            // Bare, the braces of a struct would be read as those of the `match`.
            let scrutinee = if has_bare_struct(expr) { quote!((#expr)) } else { quote!(#expr) };
            let (first, last) = ends(&expr.to_token_stream());
            let arm = quote! {
                #[allow(unreachable_code)]
                __emissions_value => {
                    #around
                    __emissions_value
                }
            };
            *expr = Expr::Verbatim(if alone {
                // What the compiler has to say of an unused value, it says of the whole expression.
                let keyword = Ident::new("match", first);
                let mut arms = Group::new(Delimiter::Brace, arm);
                arms.set_span(last);
                quote!(#(#attrs)* #[allow(clippy::match_single_binding)] #keyword #scrutinee #arms)
            } else {
                // At the expression, so that what is said of one that begins with it is said there too.
                let keyword = Ident::new("match", first);
                let mut arms = Group::new(Delimiter::Brace, arm);
                arms.set_span(last);
                parenthesised(quote!(#(#attrs)* #keyword #scrutinee #arms), attrs.is_empty())
            });
        }
        let mut ahead = self.learn(Anchor::Before(node));
        ahead.extend(beside);
        if !ahead.is_empty() {
            *expr = Expr::Verbatim(quote!({ #ahead #expr }));
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        let before = self.written;
        visit_mut::visit_local_mut(self, local);
        if let Some(init) = &mut local.init
            && init.diverge.is_some()
            && self.written > before
            && let Expr::Verbatim(tokens) = &*init.expr
        {
            // No brace may stand before the `else`.
            *init.expr = Expr::Verbatim(quote!((#tokens)));
        }
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        for input in &mut closure.inputs {
            let node = Node::of(input);
            let named =
                self.at.values().flatten().any(
                    |slot| matches!(self.report.slots[*slot].feed, Feed::Parameter(parameter) if parameter == node),
                );
            if named {
                let ident = Ident::new("__emissions_parameter", Span::call_site());
                *input = Pat::Ident(syn::PatIdent {
                    attrs: Vec::new(),
                    by_ref: None,
                    mutability: None,
                    ident,
                    subpat: None,
                });
            }
            self.name_wildcards(input);
        }
        self.visit_expr_mut(&mut closure.body);
    }

    fn visit_expr_async_mut(&mut self, block: &mut ExprAsync) {
        self.visit_block_mut(&mut block.block);
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        if has_cfg(&arm.attrs) {
            self.apart(|writer| visit_mut::visit_arm_mut(writer, arm));
        } else {
            visit_mut::visit_arm_mut(self, arm);
        }
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        self.apart(|writer| visit_mut::visit_item_mut(writer, item));
    }
}

/// Whether a struct literal stands in the expression outside of any parentheses.
fn has_bare_struct(expr: &Expr) -> bool {
    match expr {
        Expr::Struct(_) => true,
        Expr::Assign(inner) => has_bare_struct(&inner.left) || has_bare_struct(&inner.right),
        Expr::Await(inner) => has_bare_struct(&inner.base),
        Expr::Binary(inner) => has_bare_struct(&inner.left) || has_bare_struct(&inner.right),
        Expr::Call(inner) => has_bare_struct(&inner.func),
        Expr::Cast(inner) => has_bare_struct(&inner.expr),
        Expr::Field(inner) => has_bare_struct(&inner.base),
        Expr::Group(inner) => has_bare_struct(&inner.expr),
        Expr::Index(inner) => has_bare_struct(&inner.expr),
        Expr::MethodCall(inner) => has_bare_struct(&inner.receiver),
        Expr::Range(inner) => inner.start.iter().chain(&inner.end).any(|end| has_bare_struct(end)),
        Expr::Reference(inner) => has_bare_struct(&inner.expr),
        Expr::Try(inner) => has_bare_struct(&inner.expr),
        Expr::Unary(inner) => has_bare_struct(&inner.expr),
        _ => false,
    }
}

/// In parentheses no compiler warns about where it stands as an operand or a receiver.
fn parenthesised(tokens: TokenStream, operand: bool) -> TokenStream {
    if operand {
        let mut group = Group::new(Delimiter::None, tokens);
        group.set_span(Span::call_site());
        TokenTree::Group(group).into_token_stream()
    } else {
        tokens
    }
}
