//! Questions about expressions that their syntax answers.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, Path, UnOp};

use super::{names, names::one_of};

/// The last name of a path.
pub(super) fn last_segment(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Without the parentheses around it.
pub(super) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => bare(&paren.expr),
        Expr::Group(group) => bare(&group.expr),
        other => other,
    }
}

/// Whether the expression makes a value of its own instead of naming a place.
pub(super) fn is_rvalue(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Call(_)
        | Expr::MethodCall(_)
        | Expr::Await(_)
        | Expr::Try(_)
        | Expr::Async(_)
        | Expr::If(_)
        | Expr::Match(_)
        | Expr::Block(_)
        | Expr::Unsafe(_)
        | Expr::Loop(_)
        | Expr::Struct(_)
        | Expr::Tuple(_)
        | Expr::Array(_)
        | Expr::Repeat(_)
        | Expr::Macro(_) => true,
        Expr::Cast(cast) => !is_number(&cast.ty),
        Expr::Unary(unary) => !matches!(unary.op, UnOp::Deref(_)),
        _ => false,
    }
}

/// Whether a cast leads to a number, a pointer or whatever else is no owner of anything.
fn is_number(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Path(path) => !last_segment(&path.path).starts_with(char::is_uppercase),
        _ => true,
    }
}

/// Whether the expression can only be plain data, or a borrow, or nothing at all.
pub(super) fn is_plain(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Lit(_)
        | Expr::Binary(_)
        | Expr::Reference(_)
        | Expr::RawAddr(_)
        | Expr::Range(_)
        | Expr::Assign(_)
        | Expr::Return(_)
        | Expr::Break(_)
        | Expr::Continue(_)
        | Expr::While(_)
        | Expr::ForLoop(_)
        | Expr::Closure(_)
        | Expr::Let(_) => true,
        Expr::Cast(cast) => is_number(&cast.ty),
        Expr::Unary(unary) => !matches!(unary.op, UnOp::Deref(_)),
        Expr::MethodCall(call) => one_of(names::PLAIN_METHODS, &call.method.to_string()),
        _ => false,
    }
}

/// Whether a place can be named twice without doing anything twice.
pub(super) fn is_simple_place(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Path(_) => true,
        Expr::Field(field) => is_simple_place(&field.base),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Deref(_)) && is_simple_place(&unary.expr),
        Expr::Reference(reference) => is_simple_place(&reference.expr),
        Expr::MethodCall(call) => {
            call.args.is_empty()
                && (is_simple_place(&call.receiver) || is_rvalue(&call.receiver) && is_short(&call.receiver))
        }
        _ => false,
    }
}

fn is_short(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::MethodCall(call) if call.args.is_empty() && is_simple_place(&call.receiver))
}

/// Whether a type depends on what comes later rather than on the expression.
pub(super) fn is_polymorphic(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::MethodCall(call) => {
            call.turbofish.is_none()
                && (one_of(names::POLYMORPHIC, &call.method.to_string()) || is_polymorphic(&call.receiver))
        }
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => one_of(names::POLYMORPHIC, &last_segment(&path.path)) && !is_of_plain_type(&path.path),
            _ => false,
        },
        Expr::Try(inner) => is_polymorphic(&inner.expr),
        Expr::Path(path) => path.path.is_ident("None"),
        _ => false,
    }
}

/// Whether a path leads to a function of a type that is no trait and, as far as is known, not generic.
fn is_of_plain_type(path: &Path) -> bool {
    let mut names = path.segments.iter().rev().map(|segment| segment.ident.to_string());
    names.nth(1).is_some_and(|owner| is_plain_type(&owner))
}

/// Whether the name is that of a type which is no trait and, as far as is known, not generic.
pub(super) fn is_plain_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && !one_of(names::GROUPS, name) && !one_of(names::GENERIC, name)
}

/// The iterator whose items decide what a written collection holds.
pub(super) fn collected(expr: &Expr) -> Option<&Expr> {
    match bare(expr) {
        Expr::MethodCall(call) if call.method == "collect" && !is_polymorphic(&call.receiver) => Some(&call.receiver),
        Expr::Try(inner) => collected(&inner.expr),
        _ => None,
    }
}

/// Whether the expression would lose the types of its closures if something were put around it.
pub(super) fn needs_expectation(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Closure(_) | Expr::Reference(_) => true,
        Expr::Call(call) => call.args.iter().any(needs_expectation_inside),
        Expr::Tuple(tuple) => tuple.elems.iter().any(needs_expectation),
        Expr::Array(array) => array.elems.iter().any(needs_expectation),
        Expr::Struct(literal) => literal.fields.iter().any(|field| needs_expectation_inside(&field.expr)),
        Expr::Block(block) => match block.block.stmts.last() {
            Some(syn::Stmt::Expr(tail, None)) => needs_expectation(tail),
            _ => false,
        },
        Expr::If(_) | Expr::Match(_) => false,
        Expr::Try(inner) => needs_expectation(&inner.expr),
        _ => false,
    }
}

fn needs_expectation_inside(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Closure(closure) => !closure.inputs.is_empty(),
        Expr::Call(call) => call.args.iter().any(needs_expectation_inside),
        Expr::Tuple(tuple) => tuple.elems.iter().any(needs_expectation_inside),
        _ => false,
    }
}

/// Whether the value comes out of a race that was awaited, and has the losers in it.
pub(super) fn is_race(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Await(inner) => has_race(&inner.base),
        Expr::Try(inner) => is_race(&inner.expr),
        Expr::MethodCall(call) => is_race(&call.receiver),
        _ => false,
    }
}

fn has_race(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Await(inner) => has_race(&inner.base),
        Expr::Try(inner) => has_race(&inner.expr),
        Expr::MethodCall(call) => has_race(&call.receiver),
        Expr::Call(call) => {
            matches!(&*call.func, Expr::Path(path) if one_of(names::RACES, &last_segment(&path.path)))
                || call.args.iter().any(has_race)
        }
        _ => false,
    }
}

/// Whether conditional compilation decides on the node.
pub(super) fn has_cfg(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"))
}

/// The name of a path that is a single identifier.
pub(super) fn local_name(expr: &Expr) -> Option<&syn::Ident> {
    match bare(expr) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

/// Whether a type as written has a hole.
pub(super) fn has_infer(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "_",
        TokenTree::Group(group) => has_infer(group.stream()),
        _ => false,
    })
}
