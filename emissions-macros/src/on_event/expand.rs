//! What a listener expands to: the function as written, and its registration.
//!
//! Tokens that stand for something the user wrote carry its span, so that the compiler's errors
//! land there.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{ReturnType, Type, spanned::Spanned};

use super::model::{Home, Listener, Options, Retry};
use crate::{crate_path::CratePath, diag::Diagnostics, doc_text::doc_text, item::Function, lint, location::location};

/// The two halves: the function stays where it is, the registration goes behind it.
pub(crate) struct Output {
    pub(crate) function: TokenStream,
    pub(crate) registration: TokenStream,
}

pub(crate) fn listener(listener: &Listener, diag: &Diagnostics) -> Output {
    let Function { attributes, visibility, signature, body } = &listener.function;
    let lint::Guarded { block, attributes: more, opt_outs } =
        lint::guard(signature, body, &listener.lint, &listener.krate, diag);
    let function = quote! {
        #(#attributes)*
        #more
        // The attribute asks for references and for `async`, whether or not the body needs them.
        #[allow(clippy::trivially_copy_pass_by_ref, clippy::unused_async)]
        #visibility #signature #block
    };
    Output { function, registration: registration(listener, &opt_outs) }
}

/// What the lint was told to let pass, for the catalogue.
fn opt_out(opt_out: &lint::OptOut, krate: &CratePath) -> TokenStream {
    let lint::OptOut { kind, subject, reason, span } = opt_out;
    let kind = match kind {
        lint::OptOutKind::Detach => quote!(Detach),
        lint::OptOutKind::Allow => quote!(Allow),
        lint::OptOutKind::Awaits => quote!(Awaits),
        lint::OptOutKind::Consumes => quote!(Consumes),
    };
    let reason = match reason {
        Some(reason) => quote!(::core::option::Option::Some(#reason)),
        None => quote!(::core::option::Option::None),
    };
    let line = quote_spanned!(*span=> ::core::line!());
    quote! {
        #krate::__private::OptOutDescriptor {
            kind: #krate::__private::OptOutKind::#kind,
            subject: #subject,
            reason: #reason,
            line: #line,
        }
    }
}

fn registration(listener: &Listener, opt_outs: &[lint::OptOut]) -> TokenStream {
    let Listener { function, options, krate, home, lint } = listener;
    let strict = lint.strict();
    let Options { pattern, id, observer, timeout, retry, concurrency, after, when } = options;
    let name = &function.signature.ident;
    let path = match home {
        Home::Module => quote!(#name),
        Home::Impl(of) => quote!(<#of>::#name),
    };
    let none = quote!(::core::option::Option::None);
    let some = |tokens: TokenStream| quote!(::core::option::Option::Some(#tokens));

    let listens_to = match pattern {
        Some(pattern) => quote!(#krate::__private::ListensTo::Pattern(#pattern)),
        None => {
            let event = event_type(listener);
            quote_spanned! {event.span()=>
                #krate::__private::ListensTo::Event(
                    <<#event as #krate::__private::EventArgument>::Event as #krate::__private::Event>::descriptor
                )
            }
        }
    };
    let id = id.as_ref().map_or(none.clone(), |id| some(quote!(#id)));
    let role = if *observer { quote!(Observer) } else { quote!(Gate) };
    let timeout = timeout.map_or(none.clone(), |timeout| some(duration(timeout)));
    let retry = retry.as_ref().map_or(none.clone(), |Retry { attempts, first, longest }| {
        let (first, longest) = (duration(*first), duration(*longest));
        some(quote!(#krate::__private::RetryRule {
            attempts: #attempts,
            backoff: #krate::__private::Backoff { first: #first, longest: #longest },
        }))
    });
    let concurrency = concurrency.map_or(none.clone(), |limit| some(quote!(#limit)));
    let when_text = when.as_ref().map_or(none, |when| {
        let text = quote!(#when).to_string().replace(' ', "");
        some(quote!(#text))
    });
    let doc = doc_text(&function.attributes);
    let location = location(name, krate);
    let arguments = listener.arguments().skip(1).map(|argument| {
        let ty = referent(&argument.ty);
        let (pattern, text) = (&argument.pat, quote!(#ty).to_string());
        let name = quote!(#pattern).to_string();
        quote! {
            #krate::__private::ArgumentDescriptor {
                name: #name,
                type_text: #text,
                type_name: ::core::any::type_name::<#ty>,
            }
        }
    });
    let callee = callee(listener, &path);
    let event = event_type(listener);
    let bind = if pattern.is_some() { quote!(bind_pattern) } else { quote!(bind_event) };
    let bind = quote_spanned!(event.span()=> #krate::__private::#bind::<#event, __EmissionsCallee>);
    let opt_outs = opt_outs.iter().map(|out| opt_out(out, krate));
    quote! {
        const _: () = {
            #callee
            #krate::__private::register_listener! {
                explicit_id: #id,
                function: #krate::__private::path_of(&#path),
                location: #location,
                doc: #doc,
                listens_to: #listens_to,
                role: #krate::__private::Role::#role,
                timeout: #timeout,
                retry: #retry,
                concurrency: #concurrency,
                after: &[#(#krate::__private::path_of(&#after)),*],
                when: #when_text,
                arguments: &[#(#arguments),*],
                strict: #strict,
                opt_outs: &[#(#opt_outs),*],
                bind: #bind,
            }
        };
    }
}

/// How dispatch calls the function, in a type that only the registration sees.
fn callee(listener: &Listener, path: &TokenStream) -> TokenStream {
    let Listener { function, options, krate, home, lint: _ } = listener;
    // What the compiler has to say of all of it, it says at the name.
    let name = Span::mixed_site().located_at(function.signature.ident.span());
    let local = |text: &str| Ident::new(text, name);
    let (dependencies, argument, invocation) = (local("dependencies"), local("argument"), local("invocation"));

    let types: Vec<&Type> = match home {
        Home::Impl(of) if listener.receiver().is_some() => Some(&**of),
        _ => None,
    }
    .into_iter()
    .chain(listener.arguments().skip(1).map(|argument| referent(&argument.ty)))
    .collect();
    // Nested pairs, as long as need be.
    let all = types.iter().rev().fold(quote!(()), |rest, ty| {
        let at = if types.len() == 1 { ty.span() } else { name };
        quote_spanned!(at=> (#krate::__private::Dependency<#ty>, #rest))
    });
    let mut passed: Vec<TokenStream> = (0..types.len())
        .map(|n| {
            let rest = std::iter::repeat_n(quote_spanned!(name=> .1), n);
            quote_spanned!(name=> #dependencies #(#rest)* .0.get(&#invocation))
        })
        .collect();
    let event_position = usize::from(listener.receiver().is_some());
    passed.insert(event_position, quote!(#argument));

    let event = event_type(listener);
    let selects = options.when.as_ref().map(|when| {
        let answer = quote_spanned!(when.span()=> #when(#argument));
        quote! {
            fn selects(#argument: &Self::Argument) -> bool {
                #answer
            }
        }
    });
    // Errors about what is returned land on the return type.
    let returned = match &function.signature.output {
        ReturnType::Type(_, ty) => ty.span(),
        ReturnType::Default => function.signature.ident.span(),
    };
    let output = Ident::new("output", Span::mixed_site().located_at(returned));
    // And those about `Send` on the name.
    let erase = format_ident!(
        "a_listener_may_run_on_any_thread_so_its_future_must_be_send",
        span = function.signature.ident.span()
    );
    let result = quote_spanned!(returned=> #krate::__private::ListenerOutput::into_result(#output));
    let call = quote_spanned! {name=>
        fn call<'a>(
            #dependencies: &'a Self::Dependencies,
            #argument: &'a Self::Argument,
            #invocation: #krate::__private::Invocation<'a>,
        ) -> #krate::__private::ListenerFuture<'a>
    };
    let unused = types.is_empty().then(|| quote!(let _ = #dependencies;));
    quote! {
        struct __EmissionsCallee;
        impl #krate::__private::Callee for __EmissionsCallee {
            type Argument = #event;
            type Dependencies = #all;
            #selects
            #call {
                #unused
                #krate::__private::#erase(async move {
                    let #output = #path(#(#passed),*).await;
                    #invocation.settle(#result)
                })
            }
        }
    }
}

/// Type of the event argument, without the reference; `check` made sure that there is one.
fn event_type(listener: &Listener) -> std::borrow::Cow<'_, Type> {
    use std::borrow::Cow;

    match listener.arguments().next() {
        Some(argument) => Cow::Borrowed(referent(&argument.ty)),
        None => Cow::Owned(Type::Verbatim(quote!(()))),
    }
}

fn referent(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => &reference.elem,
        Type::Paren(paren) => referent(&paren.elem),
        Type::Group(group) => referent(&group.elem),
        other => other,
    }
}

fn duration(duration: std::time::Duration) -> TokenStream {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    quote!(::core::time::Duration::from_millis(#millis))
}
