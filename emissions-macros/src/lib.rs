//! Attributes of the `emissions` crate: an implementation detail. Use them through `emissions`.

mod args;
mod audited;
mod crate_path;
mod derives;
mod diag;
mod doc_text;
mod duration;
mod event;
mod impl_block;
mod item;
mod item_kind;
mod lint;
mod listener;
mod location;
mod on_event;
mod shared_field;
mod stand_in;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::quote;

// The docs are on the re-export.
#[expect(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn event(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[event]", args.into(), item.into(), event::expand)
}

/// Registers an async function as a listener.
#[proc_macro_attribute]
pub fn on_event(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[on_event]", args.into(), item.into(), on_event::expand)
}

/// Registers the methods of an `impl` block as listeners.
#[proc_macro_attribute]
pub fn listener(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[listener]", args.into(), item.into(), listener::expand)
}

#[expect(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn shared_field(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[shared_field]", args.into(), item.into(), shared_field::expand)
}

/// Checks a function that listeners call as if it were a listener.
#[proc_macro_attribute]
pub fn audited(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    funnel("#[audited]", args.into(), item.into(), audited::expand)
}

type Expand = fn(TokenStream, TokenStream) -> TokenStream;

fn funnel(attribute: &str, args: TokenStream, item: TokenStream, expand: Expand) -> proc_macro::TokenStream {
    contained(attribute, args, item, expand).into()
}

/// Runs one macro; if it panics, that is our bug: it is reported as such and the item is kept.
fn contained(attribute: &str, args: TokenStream, item: TokenStream, expand: Expand) -> TokenStream {
    let kept = item.clone();
    catch_unwind(AssertUnwindSafe(|| expand(args, item))).unwrap_or_else(|panic| {
        let cause = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let message = format!(
            "`{attribute}` panicked, which is a bug in emissions: {cause}\nplease report it with the item below"
        );
        quote!(#kept ::core::compile_error! { #message })
    })
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::{audited, contained, listener, on_event};

    /// What the lint panics at in this crate's own tests, and nowhere else.
    fn item() -> TokenStream {
        quote!(
            async fn warm_up(event: &OrderPlaced) {
                a_bug_in_the_lint();
            }
        )
    }

    #[test]
    fn a_panic_of_the_lint_is_reported_as_our_bug_and_the_item_is_kept() {
        let function = item();
        let block = quote!(impl Cache { #[on_event] #function });
        let audited_block = quote!(impl Cache { #function });
        for (attribute, item, expand) in [
            ("#[on_event]", &function, on_event::expand as super::Expand),
            ("#[listener]", &block, listener::expand),
            ("#[audited]", &function, audited::expand),
            ("#[audited]", &audited_block, audited::expand),
        ] {
            let output = contained(attribute, TokenStream::new(), item.clone(), expand);
            let message = format!(
                "`{attribute}` panicked, which is a bug in emissions: a bug in the lint\n\
                 please report it with the item below"
            );
            let expected = quote!(#item ::core::compile_error! { #message });
            assert_eq!(output.to_string(), expected.to_string());
        }
    }

    #[test]
    fn a_panic_without_a_text_is_reported_too() {
        let panics: super::Expand = |_, _| std::panic::panic_any(7);
        let output = contained(
            "#[event]",
            TokenStream::new(),
            quote!(
                struct Item;
            ),
            panics,
        )
        .to_string();
        assert!(output.starts_with("struct Item ;") && output.contains("emissions: no message"), "{output}");
    }

    /// A method that syn cannot read is left to the compiler; the methods beside it are checked.
    #[test]
    fn one_unreadable_method_leaves_the_others_checked() {
        let block = quote! {
            impl Service {
                async fn unreadable_body(&self) { #[cfg(any())] fn inner() -> impl 'static {} }
                async fn unreadable_signature(&self, _: impl 'static) { kept(); }
                fn not_async(_: impl 'static) { kept(); }
                async fn checked(&self) { tokio::spawn(work()).await.abort_handle(); set.detach_all(); work(); }
            }
        };
        let output = audited::expand(TokenStream::new(), block).to_string();
        assert_eq!(output.matches("unread :: unread ()").count(), 2, "{output}");
        assert!(output.contains("fn not_async (_ : impl 'static) { kept () ; }"), "{output}");
        assert!(output.contains("__emissions_verdict :: Statement"), "{output}");
    }
}
