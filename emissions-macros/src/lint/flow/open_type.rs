//! Types that a later use fixes: a local of such a type must not be asked before that use.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Expr;

use super::Walker;
use crate::lint::{
    names::{self, one_of},
    opened::Form,
    syntax::{self, bare, is_polymorphic, last_segment},
};

impl Walker<'_> {
    /// Whether a part of the type may only be fixed by a later use: the error of `Ok(..)`, what `into`
    /// gives back.
    pub(super) fn has_open_type(&self, expr: &Expr) -> bool {
        let expr = bare(expr);
        if is_polymorphic(expr) {
            return true;
        }
        if let Some((opened, args)) = self.macros.get(expr) {
            return match &opened.form {
                Form::List => args.is_empty() || args.iter().any(|arg| self.has_open_type(arg)),
                Form::Join => args.iter().any(|arg| self.has_open_output(arg)),
                Form::Select(_) => self.waits_for_type(opened.tokens(), true),
                _ => args.iter().any(|arg| self.has_open_type(arg)),
            };
        }
        let tail_of = |block: &syn::Block| match block.stmts.last() {
            Some(syn::Stmt::Expr(tail, None)) => self.has_open_type(tail),
            _ => false,
        };
        match expr {
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else { return false };
                if let Some(local) = self.local_of(&call.func) {
                    return self.locals[local].init.open_output;
                }
                let name = last_segment(&path.path);
                matches!(name.as_str(), "Ok" | "Err")
                    || (name.starts_with(char::is_uppercase) || matches!(name.as_str(), "new" | "pin"))
                        && call.args.iter().any(|arg| self.has_open_type(arg))
            }
            Expr::MethodCall(call) => {
                self.has_open_type(&call.receiver)
                    || call.args.iter().any(|arg| match bare(arg) {
                        Expr::Closure(_) | Expr::Path(_) => self.waits_for_type(arg.to_token_stream(), false),
                        other => self.has_open_type(other),
                    })
            }
            Expr::Await(inner) => self.has_open_output(&inner.base),
            Expr::Try(inner) => self.has_open_type(&inner.expr),
            Expr::Tuple(parts) => parts.elems.iter().any(|part| self.has_open_type(part)),
            Expr::Array(parts) => parts.elems.iter().any(|part| self.has_open_type(part)),
            Expr::Struct(literal) => literal.fields.iter().any(|field| self.has_open_type(&field.expr)),
            Expr::Block(block) if block.label.is_none() => tail_of(&block.block),
            Expr::Unsafe(block) => tail_of(&block.block),
            Expr::If(branch) => {
                tail_of(&branch.then_branch)
                    || branch.else_branch.as_ref().is_some_and(|(_, other)| self.has_open_type(other))
            }
            Expr::Match(matching) => matching.arms.iter().any(|arm| self.has_open_type(&arm.body)),
            Expr::Block(_) | Expr::Loop(_) => self.waits_for_type(expr.to_token_stream(), false),
            Expr::Path(_) => self.local_of(expr).is_some_and(|local| self.locals[local].init.polymorphic),
            Expr::Macro(_) => true,
            _ => false,
        }
    }

    /// The same for what a future gives back.
    pub(super) fn has_open_output(&self, expr: &Expr) -> bool {
        match bare(expr) {
            Expr::Async(block) => self.waits_for_type(block.block.to_token_stream(), true),
            Expr::Path(_) => self.local_of(expr).is_some_and(|local| self.locals[local].init.open_output),
            Expr::MethodCall(call) => {
                self.has_open_output(&call.receiver)
                    || self.has_open_type(expr)
                    || call.args.iter().any(|arg| self.waits_for_type(arg.to_token_stream(), true))
            }
            Expr::Call(call) => {
                self.has_open_type(expr) || call.args.iter().any(|arg| self.waits_for_type(arg.to_token_stream(), true))
            }
            other => self.has_open_type(other),
        }
    }

    /// Whether nothing in the expression waits for a later use to get its type.
    pub(super) fn has_type_of_its_own(&self, expr: &Expr) -> bool {
        !self.waits_for_type(expr.to_token_stream(), false)
    }

    /// Whether a name in the tokens stands for what a later use must fix; what async blocks give back
    /// only counts `inside`.
    pub(super) fn waits_for_type(&self, tokens: TokenStream, inside: bool) -> bool {
        let mut in_async = false;
        let tokens: Vec<proc_macro2::TokenTree> = tokens.into_iter().collect();
        tokens.iter().enumerate().any(|(index, token)| match token {
            proc_macro2::TokenTree::Group(group) => {
                let skipped = std::mem::take(&mut in_async) && !inside;
                !skipped && self.waits_for_type(group.stream(), inside)
            }
            proc_macro2::TokenTree::Ident(ident) => {
                let name = ident.to_string();
                in_async = name == "async" || in_async && name == "move";
                one_of(names::POLYMORPHIC, &name) && !is_of_plain_type(&tokens[..index])
                    || one_of(names::GROUPS, &name)
                    || matches!(name.as_str(), "None" | "Ok" | "Err" | "Into" | "vec")
                    || self.resolve(&name).is_some_and(|local| {
                        let init = &self.locals[local].init;
                        init.polymorphic || inside && init.open_output
                    })
            }
            _ => false,
        })
    }
}

/// Whether `Order::` stands before a name: its function gives back what that type says.
fn is_of_plain_type(before: &[proc_macro2::TokenTree]) -> bool {
    use proc_macro2::TokenTree::{Ident, Punct};

    matches!(before, [.., Ident(owner), Punct(first), Punct(second)]
        if first.as_char() == ':' && second.as_char() == ':' && syntax::is_plain_type(&owner.to_string()))
}
