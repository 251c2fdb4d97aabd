//! `#[event]`: parse → check → expand.

mod check;
mod expand;
mod fallback;
mod model;
pub(crate) mod names;
mod options;
mod serde_attrs;
pub(crate) mod types;

use proc_macro2::TokenStream;

pub(crate) use self::model::FieldOptions;
use self::{model::Model, options::Options};
use crate::diag::Diagnostics;

/// The user's item, what was generated for it, and everything wrong with it.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let diag = Diagnostics::new();
    let options = Options::parse(args, &diag);
    diag.beside(item, |item, diag| match Model::new(item, diag) {
        Ok(model) => {
            check::check(&options, &model, diag);
            if diag.any() {
                fallback::fallback(syn::Item::Struct(model.item), &options)
            } else {
                expand::event(&options, &model)
            }
        }
        Err(item) => fallback::fallback(*item, &options),
    })
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::expand;
    use crate::shared_field;

    fn tokens(text: &str) -> TokenStream {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// Whatever is annotated, however wrongly: errors and items, never a panic.
    #[test]
    fn odd_input_does_not_panic() {
        let arguments = [
            "",
            "name",
            "name = ",
            "name = \"\"",
            "name = \"\\u{0}.é\"",
            "name = \"a.b\", = =",
            ", , ,",
            "(((",
            "name(\"a\"), version = -1, gate(gate(gate)), bulk = 3, on_empty = (), owner, delivery = \"\"",
            "name = b\"a.created\", version = 1.5, bulk = r#type, on_empty = \"open\"",
            "name = \"order.created\", crate = a::b, bulk = r#type, on_empty = \"open\"",
            "r#name = \"a\", name = \"a\", name = 'a'",
            "name = \"order.created\"",
        ];
        let items = [
            "",
            ";",
            "struct",
            "struct X",
            "struct X;",
            "struct X {}",
            "struct X();",
            "struct X { a }",
            "struct X { r#type: u8, r#fn: !, _a: (), __: [(); 0], é: fn(), b: impl Copy, c: dyn Fn(), d: _, e: m!() }",
            "struct X<'a, T: ?Sized, const N: usize>(&'a T, [u8; N]) where T: Copy;",
            "struct X { #[field] a: u8, #[field()] b: u8, #[field = 1] c: u8, #[field(key(1))] d: u8, #[field(,)] e: u8 }",
            "#[serde] #[serde()] #[serde = 1] #[serde(rename_all = 3, rename_all(x), crate, 5)] struct X { #[serde(rename)] a: u8 }",
            "#[derive] #[derive = 1] #[derive(,)] #[doc] #[doc(hidden)] #[doc = include_str!(\"x\")] struct X { a: u8 }",
            "#[cfg_attr] #[cfg_attr()] #[cfg_attr(x, serde(a), derive(b))] struct X { #[cfg_attr(y, serde(z))] a: u8 }",
            "struct X { #[serde(rename = \"\")] a: u8, #[serde(rename = \"\\n\")] b: bool, #[serde(rename = \"_\")] c: u64 }",
            "struct X { type_: HashMap, vec: Vec, opt: Option<>, map: HashMap<u8>, q: <A as B>::C, p: A<B, C<D>> }",
            "enum X { A(#[field(key)] u8), #[serde(other)] B }",
            "union X { a: u8 }",
            "fn f() {}",
            "impl X {}",
            "macro_rules! m { () => {} }",
            "m! { struct X; }",
            "extern \"C\" {}",
            "use a::b;",
            "1 + 1",
            "#![inner] struct X { a: u8 }",
        ];
        for arguments in arguments {
            let Ok(arguments) = arguments.parse::<TokenStream>() else { continue };
            for item in items {
                let events = expand(arguments.clone(), tokens(item)).to_string();
                let fields = shared_field::expand(arguments.clone(), tokens(item)).to_string();
                assert!(
                    !item.contains("struct X") || events.contains("struct X") && fields.contains("struct X"),
                    "{item}"
                );
            }
        }
    }

    #[test]
    fn an_event_without_faults_has_no_error() {
        let output =
            expand(tokens("name = \"order.created\""), tokens("struct OrderCreated { order_id: u64 }")).to_string();
        assert!(!output.contains("compile_error"), "{output}");
        assert!(output.contains("submit"), "{output}");
    }

    #[test]
    fn a_faulty_event_is_not_registered_and_keeps_its_impl() {
        let output =
            expand(tokens("name = \"order.create\""), tokens("struct OrderCreated { order_id: u64 }")).to_string();
        assert!(output.contains("compile_error") && !output.contains("submit"), "{output}");
        assert!(output.contains("Event for OrderCreated"), "{output}");
    }
}
