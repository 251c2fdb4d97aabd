//! Signatures a listener may not have: every oddity at its own token, with a sentence of its own.
//!
//! What a type is, is not decided here: that is up to traits, so that aliases work.

use syn::{FnArg, GenericArgument, PathArguments, ReceiverKind, ReturnType, Safety, Type, visit::Visit};

use super::model::{Home, Listener};
use crate::{diag::Diagnostics, event::types::type_text};

/// Everything a signature may have wrong.
pub(crate) fn signature(listener: &Listener, diag: &Diagnostics) {
    qualifiers(listener, diag);
    generics(listener, diag);
    receiver(listener, diag);
    event(listener, diag);
    further_arguments(listener, diag);
    output(listener, diag);
}

fn qualifiers(listener: &Listener, diag: &Diagnostics) {
    let signature = &listener.function.signature;
    if signature.asyncness.is_none() {
        let name = &signature.ident;
        diag.error(signature.fn_token, format!("a listener is an `async fn`\nwrite `async fn {name}(…)`"));
    }
    if let Some(constness) = &signature.constness {
        diag.error(constness, "a listener can't be `const`: it runs when an event is emitted");
    }
    if let Safety::Unsafe(unsafety) = &signature.safety {
        diag.error(unsafety, "a listener can't be `unsafe`: nobody would be there to keep its promise");
    }
    if let Some(abi) = &signature.abi {
        diag.error(abi, "a listener can't be `extern`: it is called from Rust only");
    }
}

fn generics(listener: &Listener, diag: &Diagnostics) {
    let generics = &listener.function.signature.generics;
    for parameter in &generics.params {
        let message = match parameter {
            syn::GenericParam::Lifetime(_) => {
                "a listener has no lifetime parameters: it borrows for as long as it runs\ntake the lifetime out"
            }
            _ => "a listener can't be generic: it is registered once, for one event\nwrite one listener per event type",
        };
        diag.error(parameter, message);
    }
    if let Some(clause) = &generics.where_clause {
        diag.error(clause, "a listener has no `where` clause: there is nothing generic to bound");
    }
}

fn receiver(listener: &Listener, diag: &Diagnostics) {
    let Some(receiver) = listener.receiver() else { return };
    match &listener.home {
        Home::Module => diag.error(
            receiver,
            "a method needs `#[listener]` on its `impl` block\n\
             write `#[listener] impl …` around it, and keep `#[on_event]` on the method",
        ),
        Home::Impl(_) => match &receiver.kind {
            ReceiverKind::Reference(_, None, None) => {}
            ReceiverKind::Reference(_, _, Some(_)) => diag.error(
                receiver,
                "a listener can't take `&mut self`: invocations run concurrently\n\
                 write `&self`, and keep what changes behind a lock or an atomic",
            ),
            ReceiverKind::Reference(_, Some(lifetime), None) => {
                diag.error(lifetime, "a listener borrows for as long as it runs, no longer\ntake the lifetime out");
            }
            _ => {
                diag.error(
                    receiver,
                    "a listener borrows its receiver: it is shared by every invocation\nwrite `&self`",
                );
            }
        },
    }
}

fn event(listener: &Listener, diag: &Diagnostics) {
    let signature = &listener.function.signature;
    let Some(first) = listener.arguments().next() else {
        let message = if listener.options.pattern.is_some() {
            "a listener takes its event first\nwrite `event: &RawEnvelope` as the first argument"
        } else {
            "a listener takes its event first\nwrite `event: &YourEvent` as the first argument"
        };
        // The name: the parentheses are no token of their own.
        diag.error(&signature.ident, message);
        return;
    };
    if !matches!(&*first.ty, Type::Reference(_)) {
        let ty = &first.ty;
        let text = borrowed(ty);
        diag.error(
            ty,
            format!("a listener borrows its event, because all listeners share it\nwrite `{text}`, and clone what has to be kept"),
        );
    }
}

fn further_arguments(listener: &Listener, diag: &Diagnostics) {
    for (position, argument) in listener.arguments().enumerate() {
        match &*argument.ty {
            Type::Reference(reference) => {
                if let Some(mutability) = &reference.mutability {
                    let what = if position == 0 { "its event" } else { "a dependency" };
                    diag.error(
                        mutability,
                        format!(
                            "a listener can't change {what}: others use it at the same time\nwrite `&` without `mut`"
                        ),
                    );
                }
                if let Some(lifetime) = &reference.lifetime {
                    diag.error(lifetime, "a listener borrows for as long as it runs, no longer\ntake the lifetime out");
                }
                no_impl_trait(&reference.elem, diag);
            }
            _ if position == 0 => {}
            ty => {
                let text = borrowed(ty);
                diag.error(
                    ty,
                    format!(
                        "a listener borrows what it depends on: `&Ctx`, or `&T` for a `T` given to `Builder::provide`\n\
                         write `{text}`"
                    ),
                );
            }
        }
    }
    if let Some(variadic) = &listener.function.signature.variadic {
        diag.error(variadic, "a listener takes a fixed number of arguments");
    }
    if let Some(FnArg::Typed(argument)) =
        listener.function.signature.inputs.iter().nth(12 + usize::from(listener.receiver().is_some()))
    {
        diag.error(argument, "a listener takes at most 12 arguments\nbundle dependencies in a struct and provide that");
    }
}

/// How to write the argument instead. What an `Arc` or a `Box` holds is borrowed from it:
/// `Builder::provide_arc` takes the `Arc`.
fn borrowed(ty: &Type) -> String {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && (last.ident == "Arc" || last.ident == "Box")
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        return borrowed(inner);
    }
    format!("&{}", type_text(ty))
}

/// `&impl Trait` is a generic parameter in disguise.
fn no_impl_trait(ty: &Type, diag: &Diagnostics) {
    struct Finder<'d>(&'d Diagnostics);
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_type_impl_trait(&mut self, ty: &'ast syn::TypeImplTrait) {
            self.0.error(
                ty,
                "`impl Trait` makes a listener generic, and it is registered once\nname the type, or write `dyn Trait`",
            );
        }
    }
    Finder(diag).visit_type(ty);
}

fn output(listener: &Listener, diag: &Diagnostics) {
    let ReturnType::Type(_, ty) = &listener.function.signature.output else { return };
    if let Type::ImplTrait(opaque) = &**ty {
        diag.error(opaque, "a listener names what it returns: `()` or a `Result`\nwrite `Result<(), YourError>`");
    }
    if let Type::Path(path) = &**ty
        && let Some(last) = path.path.segments.last()
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
    {
        for argument in &arguments.args {
            if let GenericArgument::Type(Type::ImplTrait(opaque)) = argument {
                diag.error(
                    opaque,
                    "a listener names what it returns\nname the type, or box it: `Box<dyn Error + Send + Sync>`",
                );
            }
        }
    }
}
