//! Arguments of an attribute: `key = value`, `flag` and `list(..)`, separated by commas.
//!
//! One parser for every macro, so that an unknown key always lists the valid ones and a key given
//! twice always points at both places.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Ident, LitInt, LitStr, Path, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
};

use crate::diag::Diagnostics;

/// What follows a key.
enum Value {
    /// Nothing: `observer`.
    Flag,
    /// `= tokens`, up to the next comma.
    Assigned(TokenStream),
    /// `(tokens)`.
    List(Group),
}

struct Arg {
    key: Ident,
    value: Value,
}

impl ToTokens for Arg {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
        match &self.value {
            Value::Flag => {}
            Value::Assigned(value) => tokens.extend(quote!(= #value)),
            Value::List(group) => group.to_tokens(tokens),
        }
    }
}

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            let mut value = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                value.extend([input.parse::<proc_macro2::TokenTree>()?]);
            }
            if value.is_empty() {
                return Err(syn::Error::new_spanned(&key, format!("`{key}` has no value after its `=`")));
            }
            Value::Assigned(value)
        } else if input.peek(syn::token::Paren) {
            Value::List(input.parse()?)
        } else {
            Value::Flag
        };
        Ok(Self { key, value })
    }
}

/// The arguments of one attribute, each key known and given once.
pub(crate) struct Args<'d> {
    list: Vec<Arg>,
    malformed: bool,
    diag: &'d Diagnostics,
}

impl<'d> Args<'d> {
    /// Reads `tokens`; what is no argument, unknown or repeated is reported and left out.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str, valid: &[&str], diag: &'d Diagnostics) -> Self {
        let parsed = Parser::parse2(
            |input: ParseStream<'_>| {
                let mut args = Vec::new();
                while !input.is_empty() {
                    args.push(input.parse::<Arg>()?);
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(args)
            },
            tokens,
        );
        let mut args: Vec<Arg> = Vec::new();
        let malformed = parsed.is_err();
        for arg in diag.ok(parsed).unwrap_or_default() {
            let name = arg.key.to_string();
            if !valid.contains(&name.as_str()) {
                let list = valid.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                diag.error(&arg.key, format!("`{attribute}` has no key `{name}`\nthe keys are {list}"));
            } else if let Some(first) = args.iter().find(|known| known.key == arg.key) {
                diag.error(&arg.key, format!("`{name}` is given twice\nkeep one of the two"));
                diag.error(&first.key, format!("`{name}` is given here first"));
            } else {
                args.push(arg);
            }
        }
        Self { list: args, malformed, diag }
    }

    /// Whether the arguments could not be read: then none is there, and none is missing.
    pub(crate) fn malformed(&self) -> bool {
        self.malformed
    }

    fn get(&self, key: &str) -> Option<&Arg> {
        self.list.iter().find(|arg| arg.key == key)
    }

    /// The key as written, for errors that concern it as a whole.
    pub(crate) fn key(&self, key: &str) -> Option<&Ident> {
        self.get(key).map(|arg| &arg.key)
    }

    /// Whether the flag is there; a flag with a value is reported.
    pub(crate) fn flag(&self, key: &str) -> bool {
        let Some(arg) = self.get(key) else { return false };
        if !matches!(arg.value, Value::Flag) {
            self.diag.error(arg, format!("`{key}` takes no value\nwrite `{key}` alone"));
        }
        true
    }

    fn assigned<T>(&self, key: &str, example: &str, parse: impl FnOnce(TokenStream) -> syn::Result<T>) -> Option<T> {
        let arg = self.get(key)?;
        if let Value::Assigned(value) = &arg.value
            && let Ok(parsed) = parse(value.clone())
        {
            return Some(parsed);
        }
        self.diag.error(arg, format!("`{key}` is not written as it should be\nwrite `{example}`"));
        None
    }

    /// `key = "text"`; `example` is shown when it is written otherwise.
    pub(crate) fn string(&self, key: &str, example: &str) -> Option<LitStr> {
        self.assigned(key, example, syn::parse2)
    }

    /// `key = 3`, with its token.
    pub(crate) fn integer(&self, key: &str, example: &str) -> Option<(u32, LitInt)> {
        self.assigned(key, example, |tokens| {
            let literal: LitInt = syn::parse2(tokens)?;
            Ok((literal.base10_parse()?, literal))
        })
    }

    /// `key = some::path`.
    pub(crate) fn path(&self, key: &str, example: &str) -> Option<Path> {
        self.assigned(key, example, |tokens| Path::parse_mod_style.parse2(tokens))
    }

    /// Whether the key is followed by parentheses.
    pub(crate) fn is_list(&self, key: &str) -> bool {
        self.get(key).is_some_and(|arg| matches!(arg.value, Value::List(_)))
    }

    /// Reports a problem with a value.
    pub(crate) fn report(&self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.diag.error(at, message);
    }

    /// `key = name`.
    pub(crate) fn ident(&self, key: &str, example: &str) -> Option<Ident> {
        self.assigned(key, example, |tokens| Ident::parse.parse2(tokens))
    }

    /// `key(tokens)`: the tokens between the parentheses.
    pub(crate) fn list(&self, key: &str, example: &str) -> Option<TokenStream> {
        let arg = self.get(key)?;
        if let Value::List(group) = &arg.value {
            return Some(group.stream());
        }
        self.diag.error(arg, format!("`{key}` is not written as it should be\nwrite `{example}`"));
        None
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::Args;
    use crate::diag::Diagnostics;

    fn errors_of(tokens: proc_macro2::TokenStream) -> String {
        let diag = Diagnostics::new();
        let args = Args::parse(tokens, "event", &["name", "version", "observer"], &diag);
        args.string("name", "name = \"order.created\"");
        args.integer("version", "version = 1");
        args.flag("observer");
        drop(args);
        diag.finish().to_string()
    }

    #[test]
    fn well_formed_arguments_are_silent() {
        assert_eq!(errors_of(quote!(name = "a.b", version = 2, observer,)), "");
    }

    #[test]
    fn an_unknown_key_lists_the_valid_ones() {
        let errors = errors_of(quote!(nmae = "a.b"));
        assert!(errors.contains("has no key `nmae`") && errors.contains("`name`, `version`, `observer`"), "{errors}");
    }

    #[test]
    fn a_repeated_key_points_at_both() {
        let errors = errors_of(quote!(name = "a.b", name = "c.d"));
        assert!(errors.contains("given twice") && errors.contains("given here first"), "{errors}");
    }

    #[test]
    fn a_value_of_the_wrong_form_shows_the_right_one() {
        assert!(errors_of(quote!(name = 3)).contains("write `name = \\\"order.created\\\"`"));
        assert!(errors_of(quote!(version)).contains("write `version = 1`"));
        assert!(errors_of(quote!(observer = true)).contains("takes no value"));
        assert!(errors_of(quote!(version = 99999999999)).contains("write `version = 1`"));
    }
}
