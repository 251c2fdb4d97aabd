//! The lint changes nothing at run time: size, auto traits and order of drops are those of the plain function.
//!
//! Over every accepted body of the corpus, in the edition of the crate that this file is compiled in.

#[macro_use]
#[expect(unreachable_pub, missing_docs, clippy::pedantic, reason = "written for the corpus")]
#[allow(dead_code, unused_imports)]
#[path = "../lint_corpus/prelude.rs"]
mod prelude;

/// The same function with the lint and without.
macro_rules! twice {
    ($(async fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty $body:block)*) => {
        mod plain {
            use super::*;
            $(#[allow(clippy::all, clippy::pedantic)] pub(super) async fn $name($($argument: $type),*) -> $output $body)*
        }
        mod checked {
            use super::*;
            $(#[emissions::audited] #[allow(clippy::all, clippy::pedantic)] pub(super) async fn $name($($argument: $type),*) -> $output $body)*
        }
    };
}

mod drops;
mod layout;
