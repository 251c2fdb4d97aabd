//! What a listener's attribute says to the lint: `strict`, `awaits(..)`, `consumes(..)`, `allow(..)`.

use proc_macro2::{Span, TokenStream};
use syn::{
    Ident, LitStr, Token,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
    spanned::Spanned,
};

use super::{
    OptOut, OptOutKind,
    rules::{self, RULES, Rule},
};
use crate::{args::Args, diag::Diagnostics};

/// The options of one body.
#[derive(Default)]
pub(crate) struct Options {
    strict: bool,
    awaits: Vec<(String, Span)>,
    consumes: Vec<(String, Span)>,
    allowed: Vec<(&'static Rule, String, Span)>,
}

impl Options {
    /// The keys to add to those of the attribute.
    pub(crate) const KEYS: &'static [&'static str] = &["strict", "awaits", "consumes", "allow"];

    /// Reads the keys; reports an unknown rule and an empty reason at their tokens.
    pub(crate) fn read(args: &Args<'_>, diag: &Diagnostics) -> Self {
        let names = |key: &str, example: &str| {
            let Some(name) = args.key(key) else { return Vec::new() };
            let Some(tokens) = args.list(key, example) else { return Vec::new() };
            let paths = Parser::parse2(Punctuated::<syn::Path, Token![,]>::parse_terminated, tokens);
            let last = |path: &syn::Path| Some((path.segments.last()?.ident.to_string(), path.span()));
            match paths {
                Ok(paths) if !paths.is_empty() => return paths.iter().filter_map(last).collect(),
                Ok(_) => diag.error(name, format!("`{key}` names nothing\nwrite `{example}`")),
                Err(error) => {
                    let message = format!("`{key}` takes names, separated by commas\nwrite `{example}`");
                    diag.absorb(syn::Error::new(error.span(), message));
                }
            }
            Vec::new()
        };
        let awaits = names("awaits", "awaits(the_macro)");
        let consumes = names("consumes", "consumes(the_function)");
        let allowed = args
            .key("allow")
            .and_then(|_| args.list("allow", "allow(the_rule, reason = \"…\")"))
            .and_then(|tokens| diag.ok(Parser::parse2(Allow::parse, tokens)))
            .map(|allow| allow.check(diag))
            .unwrap_or_default();
        Self { strict: args.flag("strict"), awaits, consumes, allowed }
    }

    pub(crate) fn strict(&self) -> bool {
        self.strict
    }

    pub(crate) fn awaits(&self, name: &str) -> bool {
        self.awaits.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn consumes(&self, name: &str) -> bool {
        self.consumes.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn allows(&self, rule: &Rule) -> bool {
        self.allowed.iter().any(|(known, ..)| known.name == rule.name)
    }

    /// What the attribute opts out of, for the catalogue.
    pub(crate) fn opt_outs(&self) -> Vec<OptOut> {
        let named = |kind: fn() -> OptOutKind, list: &[(String, Span)]| {
            list.iter()
                .map(|(name, span)| OptOut { kind: kind(), subject: name.clone(), reason: None, span: *span })
                .collect::<Vec<_>>()
        };
        let mut found = named(|| OptOutKind::Awaits, &self.awaits);
        found.extend(named(|| OptOutKind::Consumes, &self.consumes));
        found.extend(self.allowed.iter().map(|(rule, reason, span)| OptOut {
            kind: OptOutKind::Allow,
            subject: rule.name.to_owned(),
            reason: Some(reason.clone()),
            span: *span,
        }));
        found
    }
}

/// `allow(rule, another_rule, reason = "…")`.
struct Allow {
    rules: Vec<Ident>,
    reason: Option<LitStr>,
    tokens: TokenStream,
}

impl Parse for Allow {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let tokens = input.fork().parse()?;
        let mut allow = Self { rules: Vec::new(), reason: None, tokens };
        while !input.is_empty() {
            let name: Ident = input.parse()?;
            if input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
                if name != "reason" {
                    return Err(syn::Error::new_spanned(
                        &name,
                        format!("`allow` has no key `{name}`\nthe only key is `reason`"),
                    ));
                }
                allow.reason = Some(input.parse()?);
            } else {
                allow.rules.push(name);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(allow)
    }
}

impl Allow {
    fn check(self, diag: &Diagnostics) -> Vec<(&'static Rule, String, Span)> {
        let reason = match &self.reason {
            Some(reason) if reason.value().trim().is_empty() => {
                diag.error(
                    reason,
                    "the reason of `allow` is empty\nsay in a few words why the rule does not apply here",
                );
                None
            }
            Some(reason) => Some(reason.value()),
            None => {
                diag.error(
                    &self.tokens,
                    "`allow` has no reason\nwrite `allow(the_rule, reason = \"why it does not apply here\")`",
                );
                None
            }
        };
        if self.rules.is_empty() {
            diag.error(
                &self.tokens,
                "`allow` names no rule\nwrite `allow(the_rule, reason = \"why it does not apply here\")`",
            );
        }
        let mut allowed = Vec::new();
        for name in &self.rules {
            match rules::named(&name.to_string()) {
                Some(rule) => {
                    allowed.extend(reason.clone().map(|reason| (rule, reason, name.span())));
                }
                None => {
                    let known = RULES
                        .iter()
                        .fold(String::new(), |known, rule| known + "\n  " + rule.name + ": " + rule.summary);
                    diag.error(name, format!("there is no rule `{name}`\nthe rules are{known}"));
                }
            }
        }
        allowed
    }
}
