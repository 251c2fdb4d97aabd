//! `#[emissions::audited]`: the lint for functions that listeners call.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::{
    args::Args,
    crate_path::CratePath,
    diag::Diagnostics,
    impl_block::{ImplBlock, Member},
    item::Function,
    lint::{self, Options},
};

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let diag = Diagnostics::new();
    let mut keys = Options::KEYS.to_vec();
    keys.push("crate");
    let args = Args::parse(args, "audited", &keys, &diag);
    let krate = CratePath::new(args.path("crate", "crate = path::to::emissions"));
    let options = Options::read(&args, &diag);
    let checked = if let Ok(function) = syn::parse2::<Function>(item.clone()) {
        check_function(&function, &options, &krate, &diag)
    } else if let Ok(block) = ImplBlock::read(item.clone()) {
        check_impl(block, &options, &krate, &diag)
    } else {
        diag.error(
            &item,
            "`audited` stands on an async function or on an `impl` block\nput it on what a listener calls: `#[emissions::audited] async fn …`",
        );
        item
    };
    let errors = diag.finish();
    quote!(#checked #errors)
}

fn check_function(function: &Function, options: &Options, krate: &CratePath, diag: &Diagnostics) -> TokenStream {
    let Function { attributes: attrs, visibility: vis, signature, body } = function;
    if signature.asyncness.is_none() {
        diag.error(
            signature.fn_token,
            "`audited` stands on a function that is not async\nmake it an `async fn`: only there can work be awaited",
        );
        return quote!(#(#attrs)* #vis #signature #body);
    }
    let guarded = lint::guard(signature, body, options, krate, diag);
    let (more, block) = (guarded.attributes, guarded.block);
    quote!(#(#attrs)* #more #vis #signature #block)
}

fn check_impl(mut block: ImplBlock, options: &Options, krate: &CratePath, diag: &Diagnostics) -> TokenStream {
    for member in &mut block.members {
        let checked = match member {
            Member::Function(method) if method.signature.asyncness.is_some() => {
                check_function(method, options, krate, diag)
            }
            Member::Tokens(method) => lint::unread(method, krate),
            _ => continue,
        };
        *member = Member::Tokens(checked);
    }
    block.into_token_stream()
}
