//! Parts that a pattern throws away, or leaves where they are.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, Ident, Pat};

use super::{
    Left, LocalId, Parts, Walker,
    call::RACED,
    cases::takes_apart,
    discard::DISCARDED,
    ends,
    pattern::{around_rest, thrown_away},
};
use crate::lint::{
    report::{Anchor, Feed, Node, Via},
    syntax::{bare, is_polymorphic, is_rvalue, local_name, needs_expectation},
};

impl Walker<'_> {
    /// The local that a pattern takes apart, and the parts that stay in it.
    pub(super) fn parts_left(&self, pattern: &Pat, expr: &Expr) -> Option<(LocalId, Option<Left>)> {
        let local = self.local_of(expr)?;
        let init = &self.locals[local].init;
        if !takes_apart(pattern) || !init.tracked || self.pending(local) == 0 {
            return None;
        }
        let parts = match unmentioned(pattern, &init.fields) {
            Some(fields) if fields.is_empty() => None,
            Some(fields) => Some(Parts::Fields(fields)),
            None => match around_rest(pattern) {
                Some((front, back)) => Some(Parts::Between(front, back)),
                None => thrown_away(pattern, false).map(|(tokens, names)| Parts::Named(tokens, names)),
            },
        };
        let span = ends(&pattern.to_token_stream());
        Some((local, parts.map(|parts| Left { parts, span })))
    }

    /// `(a, _) = (x(), y());`
    pub(super) fn discarded_parts_of_assignment(
        &mut self,
        left: &syn::punctuated::Punctuated<Expr, syn::Token![,]>,
        right: &Expr,
    ) {
        if let Expr::Tuple(values) = bare(right)
            && values.elems.len() == left.len()
        {
            for (part, value) in left.iter().zip(&values.elems) {
                if matches!(bare(part), Expr::Infer(_)) {
                    self.discard_value(value);
                }
            }
        }
    }

    /// Probes the parts of a value that a pattern throws away.
    pub(super) fn thrown(&mut self, pattern: &Pat, expr: &Expr, whole: bool) {
        let (parts, rest) = (thrown_away(pattern, whole), around_rest(pattern));
        if parts.is_none() && rest.is_none()
            || local_name(expr).is_some()
            || !is_rvalue(expr)
            || needs_expectation(expr)
            || is_polymorphic(expr)
            || !self.first(Node::of(pattern), 1)
        {
            return;
        }
        let slot = self.slot(Anchor::Around(Node::of(expr)), Feed::Value);
        let span = ends(&pattern.to_token_stream());
        let verdicts = if self.out_of_race(expr) { RACED } else { DISCARDED };
        if let Some((pattern, names)) = parts {
            self.probe(slot, Via::Parts { pattern, names }, verdicts, span);
        }
        if let Some((front, back)) = rest {
            self.probe(slot, Via::Rest { front, back }, verdicts, span);
        }
    }

    /// Probes what is in an option or a result where no pattern takes it.
    pub(super) fn thrown_payload(&mut self, node: Node, at: &TokenStream, payload: &TokenStream, expr: &Expr) {
        if local_name(expr).is_some()
            || !is_rvalue(expr)
            || needs_expectation(expr)
            || is_polymorphic(expr)
            || self.has_open_type(expr)
            || !self.first(node, 8)
        {
            return;
        }
        let slot = self.slot(Anchor::Around(Node::of(expr)), Feed::Value);
        let part = Ident::new("__emissions_part_0", Span::call_site());
        let via = Via::Parts { pattern: quote!(#payload(#part)), names: vec![part] };
        let verdicts = if self.out_of_race(expr) { RACED } else { DISCARDED };
        self.probe(slot, via, verdicts, ends(at));
    }
}

/// The fields that a pattern does not bind, of those a literal has given a local.
fn unmentioned(pattern: &Pat, fields: &[syn::Member]) -> Option<Vec<syn::Member>> {
    let unbound = |part: &Pat| matches!(part, Pat::Wild(_));
    let flat = |part: &Pat| unbound(part) || matches!(part, Pat::Ident(_));
    match pattern {
        Pat::Tuple(parts) if !fields.is_empty() => {
            let rest = parts.elems.iter().position(|part| matches!(part, Pat::Rest(_)));
            let named = parts.elems.len() - usize::from(rest.is_some());
            if named > fields.len() || !parts.elems.iter().all(|part| flat(part) || matches!(part, Pat::Rest(_))) {
                return None;
            }
            let hidden = fields.len() - named;
            let mut unmentioned = Vec::new();
            let mut index = 0;
            for part in &parts.elems {
                if matches!(part, Pat::Rest(_)) {
                    unmentioned.extend((index..index + hidden).map(syn::Member::from));
                    index += hidden;
                } else {
                    unmentioned.extend(unbound(part).then(|| syn::Member::from(index)));
                    index += 1;
                }
            }
            Some(unmentioned)
        }
        Pat::Struct(parts) if !fields.is_empty() && parts.fields.iter().all(|part| flat(&part.pat)) => {
            let bound =
                |field: &syn::Member| parts.fields.iter().any(|part| part.member == *field && !unbound(&part.pat));
            Some(fields.iter().filter(|field| !bound(field)).cloned().collect())
        }
        _ => None,
    }
}
