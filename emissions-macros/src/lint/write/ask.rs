//! The tokens that ask a type: where it is learnt, and what it is asked.
//!
//! As few tokens as can be, for each of them is made, read and checked in every body; what is long stands
//! in macros of the runtime crate. Tokens of ours carry the span of the attribute, for which the compiler
//! and clippy have no advice; only what names a verdict carries the user's.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::{
    crate_path::CratePath,
    lint::report::{Feed, Probe, Report, SlotId, Via},
};

/// Asks what a report wants to know.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) report: &'a Report,
    pub(super) krate: &'a CratePath,
}

fn slot_name(slot: SlotId) -> Ident {
    Ident::new(&format!("__emissions_slot_{slot}"), Span::call_site())
}

/// The name that a wildcard in a closure's parameter gets.
pub(super) fn wildcard_name(slot: SlotId) -> Ident {
    Ident::new(&format!("__emissions_wildcard_{slot}"), Span::call_site())
}

/// Type-checked and never run; stands where somebody allows code that is not reached.
pub(super) fn unreached(tokens: &TokenStream) -> TokenStream {
    quote!(if false { loop {} #tokens })
}

/// Type-checked and never run.
pub(super) fn dead(tokens: &TokenStream) -> TokenStream {
    let unreached = unreached(tokens);
    quote!(#[allow(unreachable_code)] #unreached)
}

/// The same, with tokens in it that are a copy of the user's: all there is to say of them is said elsewhere.
pub(super) fn dead_copy(tokens: &TokenStream) -> TokenStream {
    let unreached = unreached(tokens);
    quote! {
        #[allow(
            unreachable_code, unused_variables, unused_imports, unused_must_use, dropping_references,
            clippy::all, clippy::pedantic, clippy::nursery
        )]
        #unreached
    }
}

impl Ask<'_> {
    /// The place of a type that is not known yet.
    pub(super) fn declare(self, slot: SlotId) -> TokenStream {
        let (krate, name) = (self.krate, slot_name(slot));
        quote!(let #name = #krate::__private::lint::Probe::NEW;)
    }

    /// Learns the type.
    pub(super) fn feed(self, slot: SlotId) -> TokenStream {
        let (krate, name) = (self.krate, slot_name(slot));
        let lint = quote!(#krate::__private::lint);
        match &self.report.slots[slot].feed {
            Feed::Value => quote!(#name.is_of(&__emissions_value);),
            Feed::Items => quote!(#lint::same_item(&#name, &__emissions_value);),
            Feed::Place(place) => {
                let allow = used_underscore(place);
                quote!(#allow #name.is_of(&#place);)
            }
            Feed::Pinned(local) => {
                let allow = used_underscore(&local.to_token_stream());
                quote!(#allow #lint::same_pinned(&#name, &#local);)
            }
            Feed::Wildcard(_) => {
                let wildcard = wildcard_name(slot);
                quote!(#name.is_of(&#wildcard);)
            }
            Feed::ItemsOf(local) => {
                let allow = used_underscore(&local.to_token_stream());
                quote!(#allow #lint::same_item(&#name, &#local);)
            }
            Feed::Parameter(_) => quote!(#name.is_of(&__emissions_parameter);),
            Feed::Part { local, constructor, field, fields } => {
                let parts =
                    (0..*fields).map(|index| if index == *field { quote!(__emissions_part) } else { quote!(_) });
                let allow = used_underscore(&local.to_token_stream());
                quote! {
                    #allow
                    match &#local {
                        #constructor(#(#parts),*) => { #name.is_of(__emissions_part); }
                        #[allow(unreachable_patterns)]
                        _ => {}
                    }
                }
            }
        }
    }

    /// Everything asked of these slots.
    pub(super) fn checks(self, slots: &[SlotId]) -> TokenStream {
        let checks: TokenStream = self
            .report
            .probes
            .iter()
            .filter(|probe| slots.contains(&probe.slot))
            .filter(|probe| match probe.via {
                Via::SpawnedBy(other) | Via::GivenTo(other) => slots.contains(&other),
                Via::Whole | Via::Lent | Via::Losers | Via::Rest { .. } | Via::Parts { .. } => true,
            })
            .map(|probe| self.check(probe))
            .collect();
        if checks.is_empty() {
            return TokenStream::new();
        }
        let krate = self.krate;
        quote! {
            #[allow(unused_imports)]
            use #krate::__private::lint::{levels::*, verdict as __emissions_verdict};
            #checks
        }
    }

    fn check(self, probe: &Probe) -> TokenStream {
        let krate = self.krate;
        let lint = quote!(#krate::__private::lint);
        let slot = slot_name(probe.slot);
        let judged = |part: &Ident| {
            let verdicts = verdicts(probe);
            quote!(#lint::judged!(#part #verdicts);)
        };
        let found = |found: &TokenStream| {
            let verdicts = verdicts(probe);
            quote! {{
                let __emissions_found = #found;
                #lint::verdicts!(__emissions_found #verdicts);
            }}
        };
        let of_part = |part: &TokenStream| {
            let name = Ident::new("__emissions_part", Span::call_site());
            let judged = judged(&name);
            quote!({ let #name = #part; #judged })
        };
        let sorted = |slot: &Ident| quote!(#lint::sorted!(#slot));
        match &probe.via {
            Via::Whole => judged(&slot),
            Via::Parts { pattern, names } => {
                let checks = names.iter().map(|name| of_part(&quote!(#lint::slot_of(&#name))));
                quote! {
                    match #lint::take(&#slot) {
                        #pattern => { #(#checks)* }
                        #[allow(unreachable_patterns)]
                        _ => {}
                    }
                }
            }
            Via::Losers => of_part(&quote!(#lint::outcome(&#slot).losers())),
            Via::Rest { front, back } => of_part(&quote!(#lint::trimmed::<#front, #back, _>(&#slot).rest())),
            Via::SpawnedBy(spawner) => {
                let (sorted, spawner) = (sorted(&slot), slot_name(*spawner));
                found(&quote!((&&&#spawner).spawner().judge(#sorted)))
            }
            Via::Lent => {
                let sorted = sorted(&slot);
                found(&quote!((&&#slot).lent().judge(#sorted)))
            }
            Via::GivenTo(result) => {
                let (argument, result) = (sorted(&slot), sorted(&slot_name(*result)));
                found(&quote!(#lint::Kept::given(#result, #argument)))
            }
        }
    }
}

/// A name that says it is not used: it still isn't, whatever clippy thinks of a probe.
fn used_underscore(place: &TokenStream) -> Option<TokenStream> {
    let unused = place
        .clone()
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(name) if name.to_string().starts_with('_')));
    unused.then(|| quote!(#[allow(clippy::used_underscore_binding)]))
}

/// The name under which the runtime crate has these verdicts together.
fn together(probe: &Probe) -> Option<&'static str> {
    let names: Vec<&str> = probe.verdicts.iter().map(|verdict| verdict.name).collect();
    match names[..] {
        ["DiscardedFuture", "DiscardedGroup", "DetachedTask", "DetachedThread", "IgnoredResult"] => Some("Statement"),
        ["DiscardedFuture", "DiscardedGroup", "DetachedTask", "DetachedThread"] => Some("Discarded"),
        ["ForgottenFuture", "ForgottenTask", "ForgottenThread", "UndrainedGroup"] => Some("Forgotten"),
        _ => None,
    }
}

/// What a macro makes `first::Verdict::last` of, so that an error is under all that is wrong.
fn verdicts(probe: &Probe) -> TokenStream {
    let (first, last) = probe.span;
    let (module, check) = (Ident::new("__emissions_verdict", first), Ident::new("check", last));
    if let Some(set) = together(probe) {
        let set = Ident::new(set, Span::call_site());
        let mut close = Punct::new('>', Spacing::Alone);
        close.set_span(last);
        return quote!(#module :: #set <_ #close);
    }
    let names = probe.verdicts.iter().map(|verdict| Ident::new(verdict.name, Span::call_site()));
    quote!(#module #check #(#names)*)
}

/// The path of the runtime crate, at a place in the body.
pub(in crate::lint) fn spanned(krate: &CratePath, span: Span) -> TokenStream {
    krate.to_token_stream().into_iter().map(|token| respan(token, span)).collect()
}

fn respan(token: TokenTree, span: Span) -> TokenTree {
    match token {
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter().map(|token| respan(token, span)).collect();
            let mut group = proc_macro2::Group::new(group.delimiter(), inner);
            group.set_span(span);
            TokenTree::Group(group)
        }
        mut token => {
            token.set_span(span);
            token
        }
    }
}
