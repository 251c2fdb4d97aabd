//! An `impl` block as the macros see it: read member by member, so that one that syn cannot read
//! spoils no other.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, ImplItem, ItemImpl,
    parse::{Parse, ParseStream, Parser},
};

use crate::item::Function;

/// An `impl` block with a body.
pub(crate) struct ImplBlock {
    /// Everything but the members.
    pub(crate) item: ItemImpl,
    header: TokenStream,
    body: Group,
    inner: Vec<Attribute>,
    pub(crate) members: Vec<Member>,
}

/// What stands in an `impl` block.
pub(crate) enum Member {
    /// A function, its body left as it was written.
    Function(Box<Function>),
    /// A constant, a type, a macro.
    Other(Box<ImplItem>),
    /// Tokens for the compiler: what syn cannot read, and what was expanded.
    Tokens(TokenStream),
}

impl Member {
    /// The attributes, as far as they are known.
    pub(crate) fn attributes_mut(&mut self) -> Option<&mut Vec<Attribute>> {
        match self {
            Self::Function(function) => Some(&mut function.attributes),
            Self::Other(item) => match &mut **item {
                ImplItem::Fn(item) => Some(&mut item.attrs),
                ImplItem::Const(item) => Some(&mut item.attrs),
                ImplItem::Type(item) => Some(&mut item.attrs),
                ImplItem::Macro(item) => Some(&mut item.attrs),
                _ => None,
            },
            Self::Tokens(_) => None,
        }
    }
}

impl ImplBlock {
    /// Reads the header and each member that can be read.
    pub(crate) fn read(item: TokenStream) -> syn::Result<Self> {
        let mut tokens: Vec<TokenTree> = flattened(item).into_iter().collect();
        let body = match tokens.pop() {
            Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => body,
            // For its error.
            last => {
                return Err(syn::parse2::<ItemImpl>(tokens.into_iter().chain(last).collect())
                    .err()
                    .unwrap_or_else(no_body));
            }
        };
        let header: TokenStream = tokens.into_iter().collect();
        let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
        empty.set_span(body.span());
        let item = syn::parse2(header.clone().into_iter().chain([TokenTree::Group(empty)]).collect())?;
        let (inner, members) = Parser::parse2(members, body.stream())?;
        Ok(Self { item, header, body, inner, members })
    }
}

fn no_body() -> syn::Error {
    syn::Error::new(proc_macro2::Span::call_site(), "an `impl` block with a body is expected here")
}

/// Without the invisible delimiters that a `macro_rules!` puts around an item.
fn flattened(item: TokenStream) -> TokenStream {
    let mut tokens = item.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => flattened(group.stream()),
        _ => item,
    }
}

fn members(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Vec<Member>)> {
    let inner = input.call(Attribute::parse_inner)?;
    let mut members = Vec::new();
    while !input.is_empty() {
        members.push(if let Some(function) = ahead::<Function>(input) {
            Member::Function(Box::new(function))
        } else if let Some(item) = ahead::<ImplItem>(input) {
            Member::Other(Box::new(item))
        } else {
            Member::Tokens(unread(input)?)
        });
    }
    Ok((inner, members))
}

/// What stands next, if it is that; nothing is taken if it is not.
fn ahead<T: Parse>(input: ParseStream<'_>) -> Option<T> {
    let fork = input.fork();
    fork.parse::<T>().ok()?;
    let (mut at, end) = (input.cursor(), fork.cursor());
    let mut tokens = Vec::new();
    while at != end {
        let (token, rest) = at.token_tree()?;
        tokens.push(token);
        at = rest;
    }
    let count = tokens.len();
    // Once more by itself: a fork does not notice what it has left over inside a group.
    let parsed = syn::parse2(tokens.into_iter().collect()).ok()?;
    for _ in 0..count {
        input.parse::<TokenTree>().ok()?;
    }
    Some(parsed)
}

/// Up to the `;` or the braces that end a member.
fn unread(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let ends = match &token {
            TokenTree::Punct(mark) => mark.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        tokens.extend([token]);
        if ends {
            break;
        }
    }
    Ok(tokens)
}

impl ToTokens for ImplBlock {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { item: _, header, body, inner, members } = self;
        let mut group = Group::new(Delimiter::Brace, quote::quote!(#(#inner)* #(#members)*));
        group.set_span(body.span());
        header.to_tokens(tokens);
        group.to_tokens(tokens);
    }
}

impl ToTokens for Member {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::Other(item) => item.to_tokens(tokens),
            Self::Tokens(inner) => inner.to_tokens(tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use super::{ImplBlock, Member};

    fn read(tokens: proc_macro2::TokenStream) -> ImplBlock {
        ImplBlock::read(tokens).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_block_comes_back_as_it_was() {
        let tokens = quote! {
            #[doc = "A service."]
            impl<T: Clone> Service<{ 1 + 1 }, T> where T: Send {
                #![allow(unused)]
                const LIMIT: fn(u8) -> [u8; 1] = { |limit| [limit] };
                macro_call! { with braces }
                macro_call!(with parentheses);
                type Item = u8;
                pub(crate) async fn first(&self) -> Fixed<{ 1 }> { let = ; }
                fn second() -> impl Iterator<Item = u8> { [] }
                #[cfg(any())] fn third(..., x: u8) { body }
                fn fourth(&self) {}
            }
        };
        let block = read(tokens.clone());
        assert_eq!(block.to_token_stream().to_string(), tokens.to_string());
        let kinds: String = block
            .members
            .iter()
            .map(|member| match member {
                Member::Function(_) => 'f',
                Member::Other(_) => 'o',
                Member::Tokens(_) => 't',
            })
            .collect();
        assert_eq!(kinds, "ooooff".to_owned() + "tf");
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for wrong in [
            quote!(
                fn free() {}
            ),
            quote!(impl Service;),
            quote!(
                struct Service {}
            ),
            quote!(),
        ] {
            assert!(ImplBlock::read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
