//! Patterns: what they bind, and what they throw away.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, Ident, Pat, spanned::Spanned};

use super::{Init, LocalId, Walker, expr::is_pin_new};
use crate::lint::{
    names::{self, one_of},
    opened::Form,
    report::Node,
    syntax::{bare, has_infer, is_plain, is_polymorphic, is_race, is_simple_place, last_segment},
};

impl Walker<'_> {
    /// Declares what the pattern binds.
    pub(super) fn bind(&mut self, pattern: &Pat, init: &Init) -> Vec<LocalId> {
        let mut bound = Vec::new();
        self.bind_into(pattern, init, &mut bound);
        bound
    }

    fn bind_into(&mut self, pattern: &Pat, init: &Init, bound: &mut Vec<LocalId>) {
        match pattern {
            Pat::Ident(ident) => {
                if let Some((_, inner)) = &ident.subpat {
                    self.bind_into(inner, &Init::plain(), bound);
                }
                // A capital letter names a constant or a variant.
                if ident.ident.to_string().starts_with(char::is_uppercase) {
                    return;
                }
                let init = if ident.by_ref.is_some() { Init::plain() } else { init.clone() };
                bound.push(self.declare(&ident.ident, Node::of(ident), &init));
            }
            Pat::Type(typed) => self.bind_into(&typed.pat, init, bound),
            Pat::Paren(inner) => self.bind_into(&inner.pat, init, bound),
            Pat::Reference(inner) => self.bind_into(&inner.pat, &Init::plain(), bound),
            Pat::Tuple(tuple) => tuple.elems.iter().for_each(|part| self.bind_into(part, &part_of(init), bound)),
            Pat::TupleStruct(tuple) => {
                tuple.elems.iter().for_each(|part| self.bind_into(part, &part_of(init), bound));
            }
            Pat::Struct(fields) => {
                fields.fields.iter().for_each(|field| self.bind_into(&field.pat, &part_of(init), bound));
            }
            Pat::Slice(slice) => slice.elems.iter().for_each(|part| self.bind_into(part, &part_of(init), bound)),
            Pat::Or(or) => {
                // Every case binds the same names; the first stands for all.
                for (index, case) in or.cases.iter().enumerate() {
                    if index == 0 {
                        self.bind_into(case, init, bound);
                    }
                }
            }
            _ => {}
        }
    }

    /// What a local is that is bound to this expression.
    pub(super) fn init_of(&self, expr: &Expr) -> Init {
        let init = self.init_of_kind(bare(expr));
        let (raced, polymorphic) = (self.out_of_race(expr), self.has_open_type(expr));
        let open_output = self.waits_for_type(expr.to_token_stream(), true);
        Init {
            raced: init.raced || raced,
            polymorphic: init.polymorphic || polymorphic,
            open_output: init.open_output || open_output,
            ..init
        }
    }

    /// Whether the value has the losers of a race in it.
    pub(super) fn out_of_race(&self, expr: &Expr) -> bool {
        match bare(expr) {
            Expr::Path(_) => self.local_of(expr).is_some_and(|local| self.locals[local].init.raced),
            Expr::MethodCall(call) => self.out_of_race(&call.receiver),
            other => is_race(other),
        }
    }

    fn init_of_kind(&self, expr: &Expr) -> Init {
        if let Some((opened, args)) = self.macros.get(expr) {
            return match &opened.form {
                Form::Pin => {
                    let mut init = args.first().map(|arg| self.init_of(arg)).unwrap_or_default();
                    init.pinned = true;
                    init.tracked = true;
                    init.pending = init.pending.max(1);
                    init
                }
                Form::List => Init { tracked: true, pending: self.pieces(args.iter()), ..Init::default() },
                Form::Look | Form::Matches(..) => Init::plain(),
                Form::Through => args.first().map(|arg| self.init_of(arg)).unwrap_or_default(),
                Form::Join | Form::Select(_) | Form::PinLet(_) | Form::Poll | Form::Repeat => Init::work(),
            };
        }
        match expr {
            Expr::Closure(_) => Init { tracked: true, pending: 1, ..Init::default() },
            Expr::Reference(reference) => Init {
                aliases: self.root(&reference.expr).map(|(local, _)| local).into_iter().collect(),
                shared: reference.mutability.is_none(),
                ..Init::default()
            },
            _ if is_plain(expr) => Init::plain(),
            Expr::Path(path) => match self.local_of(expr) {
                Some(local) => {
                    let from = &self.locals[local];
                    let mut init = from.init.clone();
                    init.pending = self.pending(local);
                    init
                }
                None if path.path.is_ident("None") => Init { tracked: true, polymorphic: true, ..Init::default() },
                None if path.path.segments.len() > 1 && last_segment(&path.path).starts_with("spawn") => {
                    Init { spawns: true, ..Init::default() }
                }
                None => Init::work(),
            },
            Expr::Cast(cast) => self.init_of(&cast.expr),
            Expr::Call(call) => self.init_of_call(call),
            Expr::MethodCall(call) => self.init_of_method(expr, call),
            Expr::Tuple(tuple) => {
                let fields = (0..tuple.elems.len()).map(syn::Member::from).collect::<Vec<_>>();
                Init { tracked: true, pending: self.pieces(tuple.elems.iter()), fields, ..Init::default() }
            }
            Expr::Struct(literal) => {
                let fields: Vec<_> = literal.fields.iter().map(|field| field.member.clone()).collect();
                let pending = match &literal.rest {
                    Some(_) => super::state::MANY,
                    None => self.pieces(literal.fields.iter().map(|field| &field.expr)),
                };
                Init { tracked: true, pending, fields, ..Init::default() }
            }
            Expr::Array(array) => Init { tracked: true, pending: self.pieces(array.elems.iter()), ..Init::default() },
            Expr::If(branch) => {
                let mut init = self.init_of_block(&branch.then_branch);
                if let Some((_, other)) = &branch.else_branch {
                    init = either(init, self.init_of(other));
                }
                init
            }
            Expr::Match(matching) => {
                matching.arms.iter().map(|arm| self.init_of(&arm.body)).reduce(either).unwrap_or_default()
            }
            Expr::Block(block) => self.init_of_block(&block.block),
            Expr::Unsafe(block) => self.init_of_block(&block.block),
            _ => Init { polymorphic: is_polymorphic(expr), ..Init::work() },
        }
    }

    /// How many of these values may be pending.
    fn pieces<'e>(&self, values: impl Iterator<Item = &'e Expr>) -> u8 {
        small(values.filter(|value| self.init_of(value).pending > 0).count())
    }

    fn init_of_block(&self, block: &syn::Block) -> Init {
        match block.stmts.last() {
            Some(syn::Stmt::Expr(tail, None)) => match (bare(tail), self.local_of(tail)) {
                // Its own locals are not declared yet.
                (Expr::Path(_), None) => Init::work(),
                _ => self.init_of(tail),
            },
            _ => Init::plain(),
        }
    }

    fn init_of_call(&self, call: &syn::ExprCall) -> Init {
        let Expr::Path(path) = &*call.func else { return Init::work() };
        let name = last_segment(&path.path);
        let segments = &path.path.segments;
        let owner = (segments.len() > 1).then(|| segments[segments.len() - 2].ident.to_string());
        if is_pin_new(call)
            && let Some((local, _)) = call.args.first().and_then(|arg| self.root(arg))
        {
            return Init { aliases: vec![local], ..Init::default() };
        }
        if let Some(owner) = &owner
            && one_of(names::GROUPS, owner)
            && one_of(names::EMPTY_CONSTRUCTORS, &name)
        {
            let written = segments[segments.len() - 2].arguments.to_token_stream();
            let polymorphic = written.is_empty() || has_infer(written);
            return Init { tracked: true, polymorphic, ..Init::default() };
        }
        if matches!((owner.as_deref(), name.as_str()), (Some("Arc" | "Rc"), "clone")) {
            let aliases = call.args.first().and_then(|arg| self.root(arg)).map(|(local, _)| local);
            return Init { aliases: aliases.into_iter().collect(), ..Init::default() };
        }
        let mut init = Init { polymorphic: is_polymorphic(&Expr::Call(call.clone())), ..Init::work() };
        // What wraps an empty group is empty itself.
        if matches!(name.as_str(), "new" | "from" | "Some" | "pin") && call.args.len() == 1 {
            let inner = call.args.first().map(|arg| self.init_of(arg)).unwrap_or_default();
            if inner.tracked && inner.pending == 0 && inner.aliases.is_empty() {
                init.pending = 0;
            }
        }
        // The receiving end of a channel is a future without being work.
        if segments.iter().any(|segment| segment.ident == "oneshot") {
            return Init { signal: true, ..Init::work() };
        }
        if name.starts_with(char::is_uppercase)
            && !matches!(name.as_str(), "Some" | "Ok" | "Err")
            && !call.args.is_empty()
        {
            init.constructor = Some((path.path.clone(), call.args.len()));
        }
        init.aliases = self.lent_in(call.args.iter());
        init
    }

    fn init_of_method(&self, expr: &Expr, call: &syn::ExprMethodCall) -> Init {
        let name = call.method.to_string();
        if name == "clone" {
            let aliases = self.root(&call.receiver).map(|(local, _)| local).into_iter().collect();
            return Init { aliases, ..Init::default() };
        }
        if let Some((local, _)) = self.root(expr) {
            return Init { aliases: vec![local], ..Init::default() };
        }
        // Waiting for the next tick starts nothing, and its future has no name to know it by.
        if name == "tick" && call.args.is_empty() {
            return Init::plain();
        }
        let mut init = Init { polymorphic: is_polymorphic(expr), ..Init::work() };
        if name.starts_with("spawn") && is_simple_place(&call.receiver) {
            init.spawner = Some(call.receiver.to_token_stream());
        }
        init.aliases = self.lent_in(call.args.iter());
        if one_of(names::INSPECTORS, &name) {
            init.aliases.extend(self.root(&call.receiver).map(|(local, _)| local));
            init.tracked = false;
            init.shared = true;
        }
        init
    }

    /// Locals lent by `&mut` anywhere in these expressions.
    fn lent_in<'e>(&self, args: impl Iterator<Item = &'e Expr>) -> Vec<LocalId> {
        args.filter_map(|arg| match bare(arg) {
            Expr::Reference(reference) if reference.mutability.is_some() => self.root(&reference.expr),
            Expr::MethodCall(call) if one_of(names::PASSAGES, &call.method.to_string()) => self.root(&call.receiver),
            _ => None,
        })
        .map(|(local, _)| local)
        .collect()
    }
}

/// A part of something that is taken apart is a piece of its own.
fn part_of(init: &Init) -> Init {
    Init {
        pending: if init.tracked && init.pending > 0 { super::state::MANY } else { 0 },
        tracked: init.tracked,
        aliases: init.aliases.clone(),
        shared: init.shared,
        polymorphic: init.polymorphic,
        signal: init.signal,
        raced: init.raced,
        ..Init::default()
    }
}

fn either(left: Init, right: Init) -> Init {
    Init {
        pending: left.pending.max(right.pending),
        tracked: left.tracked || right.tracked,
        pinned: left.pinned || right.pinned,
        polymorphic: left.polymorphic || right.polymorphic,
        shared: left.shared && right.shared,
        aliases: [left.aliases, right.aliases].concat(),
        ..Init::default()
    }
}

fn small(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(super::state::MANY)
}

/// The pattern with a name for whatever it throws away, and nothing else bound; the names.
///
/// `None` if it throws nothing away, or if nobody can tell what.
pub(super) fn thrown_away(pattern: &Pat, whole: bool) -> Option<(TokenStream, Vec<Ident>)> {
    let mut names = Vec::new();
    let tokens = rewrite(pattern, whole, &mut names)?;
    (!names.is_empty()).then_some((tokens, names))
}

fn rewrite(pattern: &Pat, whole: bool, names: &mut Vec<Ident>) -> Option<TokenStream> {
    let mut name = |span| {
        let ident = Ident::new(&format!("__emissions_part_{}", names.len()), span);
        names.push(ident.clone());
        quote!(#ident)
    };
    Some(match pattern {
        Pat::Wild(wild) if whole => name(wild.span()),
        // All of what matches, whichever case it is.
        Pat::Or(or) if !binds(pattern) => {
            let case = name(or.span());
            quote!(#case @ (#or))
        }
        Pat::Wild(_) | Pat::Ident(_) | Pat::Lit(_) | Pat::Range(_) | Pat::Const(_) => quote!(_),
        Pat::Path(path) => quote!(#path),
        Pat::Type(typed) => return rewrite(&typed.pat, whole, names),
        Pat::Paren(inner) => return rewrite(&inner.pat, whole, names),
        Pat::Tuple(tuple) => {
            let parts = rewrite_all(tuple.elems.iter(), names, false)?;
            quote!((#(#parts,)*))
        }
        Pat::TupleStruct(tuple) => {
            let path = &tuple.path;
            let single = matches!(last_segment(path).as_str(), "Some" | "Ok" | "Err");
            let parts = rewrite_all(tuple.elems.iter(), names, single)?;
            quote!(#path(#(#parts),*))
        }
        Pat::Struct(fields) => {
            let path = &fields.path;
            let mut parts = Vec::new();
            for field in &fields.fields {
                let (member, part) = (&field.member, rewrite(&field.pat, true, names)?);
                parts.push(quote!(#member: #part));
            }
            let rest = &fields.rest;
            quote!(#path { #(#parts,)* #rest })
        }
        Pat::Slice(slice) => {
            let mut parts = Vec::new();
            for part in &slice.elems {
                if let Pat::Rest(rest) = part {
                    let ident = Ident::new(&format!("__emissions_part_{}", names.len()), rest.span());
                    names.push(ident.clone());
                    parts.push(quote!(#ident @ ..));
                } else {
                    parts.push(rewrite(part, true, names)?);
                }
            }
            quote!([#(#parts),*])
        }
        _ => return None,
    })
}

/// Parts in a row; a rest is a single part if the constructor has one field, and unknown otherwise.
fn rewrite_all<'p>(
    parts: impl Iterator<Item = &'p Pat>,
    names: &mut Vec<Ident>,
    single: bool,
) -> Option<Vec<TokenStream>> {
    let mut out = Vec::new();
    for part in parts {
        out.push(match part {
            Pat::Rest(rest) if single => {
                let ident = Ident::new(&format!("__emissions_part_{}", names.len()), rest.span());
                names.push(ident.clone());
                quote!(#ident)
            }
            Pat::Rest(_) => quote!(..),
            part => rewrite(part, true, names)?,
        });
    }
    Some(out)
}

/// `Some` or `Ok`, if the patterns are about an option or a result.
fn payload_of(pattern: &Pat) -> Option<TokenStream> {
    let path = match pattern {
        Pat::TupleStruct(tuple) => &tuple.path,
        Pat::Path(path) if path.qself.is_none() => &path.path,
        Pat::Ident(ident) if ident.ident == "None" => return Some(quote!(::core::option::Option::Some)),
        Pat::Paren(inner) => return payload_of(&inner.pat),
        Pat::Or(or) => return or.cases.iter().find_map(payload_of),
        _ => return None,
    };
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["Some" | "None"] | [.., "Option", "Some" | "None"] => Some(quote!(::core::option::Option::Some)),
        ["Ok" | "Err"] | [.., "Result", "Ok" | "Err"] => Some(quote!(::core::result::Result::Ok)),
        _ => None,
    }
}

/// Whether the pattern takes the payload of an option or a result, whatever it is.
fn takes_payload(pattern: &Pat) -> bool {
    // What nobody knows is taken to match always.
    fn any(pattern: &Pat) -> bool {
        match pattern {
            Pat::Lit(_) | Pat::Range(_) | Pat::Slice(_) => false,
            Pat::Ident(ident) => ident.subpat.is_none() && ident.ident != "None",
            Pat::TupleStruct(tuple) => {
                !matches!(last_segment(&tuple.path).as_str(), "Some" | "Ok" | "Err") && tuple.elems.iter().all(any)
            }
            Pat::Struct(fields) => fields.fields.iter().all(|field| any(&field.pat)),
            Pat::Paren(inner) => any(&inner.pat),
            Pat::Reference(inner) => any(&inner.pat),
            Pat::Type(typed) => any(&typed.pat),
            Pat::Tuple(tuple) => tuple.elems.iter().all(any),
            _ => true,
        }
    }
    match pattern {
        Pat::TupleStruct(tuple) => {
            matches!(last_segment(&tuple.path).as_str(), "Some" | "Ok") && tuple.elems.iter().all(any)
        }
        Pat::Paren(inner) => takes_payload(&inner.pat),
        Pat::Or(or) => or.cases.iter().any(takes_payload),
        Pat::Ident(ident) => ident.ident != "None",
        Pat::Wild(_) => true,
        _ => false,
    }
}

/// What is left for a wildcard behind these patterns and guards, if it may hold a payload: `Some` or `Ok`.
pub(super) fn payload_left<'p>(patterns: impl Iterator<Item = (&'p Pat, bool)> + Clone) -> Option<TokenStream> {
    let payload = patterns.clone().find_map(|(pattern, _)| payload_of(pattern))?;
    let taken = patterns.clone().any(|(pattern, guarded)| !guarded && takes_payload(pattern));
    (!taken).then_some(payload)
}

/// How many parts a tuple pattern has before its rest and behind it.
pub(super) fn around_rest(pattern: &Pat) -> Option<(usize, usize)> {
    let Pat::Tuple(tuple) = pattern else { return None };
    let front = tuple.elems.iter().position(|part| matches!(part, Pat::Rest(_)))?;
    let back = tuple.elems.len() - front - 1;
    (front + back > 0).then_some((front, back))
}

/// Whether the pattern binds any name.
pub(super) fn binds(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(ident) => !ident.ident.to_string().starts_with(char::is_uppercase),
        Pat::Type(typed) => binds(&typed.pat),
        Pat::Paren(inner) => binds(&inner.pat),
        Pat::Reference(inner) => binds(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(binds),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(binds),
        Pat::Struct(fields) => fields.fields.iter().any(|field| binds(&field.pat)),
        Pat::Slice(slice) => slice.elems.iter().any(binds),
        Pat::Or(or) => or.cases.iter().any(binds),
        _ => false,
    }
}

/// Whether the pattern moves something out of what it matches.
pub(super) fn moves(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(ident) => ident.by_ref.is_none() && !ident.ident.to_string().starts_with(char::is_uppercase),
        Pat::Type(typed) => moves(&typed.pat),
        Pat::Paren(inner) => moves(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(moves),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(moves),
        Pat::Struct(fields) => fields.fields.iter().any(|field| moves(&field.pat)),
        Pat::Slice(slice) => slice.elems.iter().any(moves),
        Pat::Or(or) => or.cases.iter().any(moves),
        _ => false,
    }
}
