//! The lint: work that a function starts and does not await.
//!
//! A pure function of a body and its options, which knows nothing of events. `opened` makes the input
//! of known macros readable, `flow` walks every path and returns findings and probes (`report`), and
//! `write` puts the probes into the body. The runtime crate has the other half: the types that answer.

#[cfg(test)]
mod fixtures;
mod flow;
mod names;
mod opened;
mod options;
mod report;
pub(crate) mod rules;
mod syntax;
mod write;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Signature, parse::Parser};

pub(crate) use self::options::Options;
use self::{flow::Walker, opened::Macros, report::Report};
use crate::{crate_path::CratePath, diag::Diagnostics};

/// A body with its probes.
pub(crate) struct Guarded {
    /// The block, braces included.
    pub(crate) block: TokenStream,
    /// Attributes for the function.
    pub(crate) attributes: TokenStream,
    /// What the attribute and the body opt out of.
    pub(crate) opt_outs: Vec<OptOut>,
}

/// How something was opted out of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OptOutKind {
    /// `ctx.detach("reason", ..)`.
    Detach,
    /// `allow(rule, reason = "..")`.
    Allow,
    /// `awaits(a_macro)`.
    Awaits,
    /// `consumes(a_function)`.
    Consumes,
}

/// One thing that a listener opts out of, for the catalogue.
#[derive(Debug)]
pub(crate) struct OptOut {
    pub(crate) kind: OptOutKind,
    /// The rule, macro or function; empty for `detach`.
    pub(crate) subject: String,
    pub(crate) reason: Option<String>,
    pub(crate) span: Span,
}

/// Checks a body and writes the probes into it.
///
/// What the tokens decide goes to `diag`; the body comes back with its probes all the same, so that
/// everything is reported in one compile. A body that cannot be read comes back as it was, with one
/// error that gives way to the compiler's own.
pub(crate) fn guard(
    signature: &Signature,
    body: &Group,
    options: &Options,
    krate: &CratePath,
    diag: &Diagnostics,
) -> Guarded {
    let mut opt_outs = options.opt_outs();
    let strict = options.strict().then(|| quote!(#[deny(unused_must_use)]));
    // A probed statement that diverges is one no more than it was before.
    let attributes = quote!(#[allow(clippy::diverging_sub_expression)] #strict);
    let Reading { mut block, mut macros, report } = match read(signature, body, options) {
        Ok(reading) => reading,
        Err(error) => return Guarded { block: unreadable(body, error.span(), krate), attributes, opt_outs },
    };
    for finding in &report.findings {
        diag.error(&finding.at, format!("emissions::{}: {}", finding.rule.name, finding.message));
    }
    opt_outs.extend(report.detached.iter().map(|(reason, span)| OptOut {
        kind: OptOutKind::Detach,
        subject: String::new(),
        reason: Some(reason.clone()),
        span: *span,
    }));
    if cfg!(emissions_lint_off) {
        return Guarded { block: body.to_token_stream(), attributes, opt_outs };
    }
    write::write(&mut block, &report, &mut macros, krate);
    Guarded { block: block.to_token_stream(), attributes, opt_outs }
}

/// A body as the lint has read it, and what it makes of it.
struct Reading {
    /// Boxed: nodes are known by their addresses.
    block: Box<syn::Block>,
    macros: Macros,
    report: Report,
}

/// The pure half: findings and probes, and nothing of the tokens to emit.
///
/// # Errors
///
/// Where syn cannot go on.
fn read(signature: &Signature, body: &Group, options: &Options) -> syn::Result<Reading> {
    #[cfg(test)]
    assert!(!body.to_string().contains("a_bug_in_the_lint"), "a bug in the lint");
    let stmts = syn::Block::parse_within.parse2(body.stream())?;
    let mut block = Box::new(syn::Block { brace_token: syn::token::Brace { span: body.delim_span() }, stmts });
    let macros = Macros::open(&mut block);
    let report = Walker::check(signature, &block, &macros, options, Report::default());
    Ok(Reading { block, macros, report })
}

/// A method that syn cannot read: as it was, and an error if it is async.
pub(crate) fn unread(method: &TokenStream, krate: &CratePath) -> TokenStream {
    let mut tokens: Vec<TokenTree> = method.clone().into_iter().collect();
    let is_async = tokens.iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "async"));
    if is_async
        && let Some(TokenTree::Group(body)) = tokens.last_mut()
        && body.delimiter() == Delimiter::Brace
    {
        let checked = unreadable(body, body.span_open(), krate);
        tokens.pop();
        return tokens.into_iter().collect::<TokenStream>().into_iter().chain(checked).collect();
    }
    tokens.into_iter().collect()
}

/// The body as it was, and an error that only shows if the compiler can read what syn cannot.
///
/// The braces stay those of the user, inside of ours: what the compiler has said of them already it says
/// no second time.
fn unreadable(body: &Group, at: Span, krate: &CratePath) -> TokenStream {
    let krate = write::spanned(krate, at);
    let unread = quote_spanned!(at=> #krate::__private::lint::unread::unread());
    let mut group = Group::new(
        Delimiter::Brace,
        quote! {
            #[deny(unused_must_use)]
            #[allow(unreachable_code)]
            if false {
                loop {}
                #unread;
            }
            #body
        },
    );
    group.set_span(body.span());
    group.to_token_stream()
}
