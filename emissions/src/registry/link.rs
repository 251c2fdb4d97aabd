//! Which crates have to be there.

use crate::event::SourceLocation;

/// What [`link!`](crate::link) wrote down about one crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkDescriptor {
    /// The crate as the linking crate calls it.
    pub name: &'static str,
    /// Name of its package, given where the dependency is renamed.
    pub package: Option<&'static str>,
    /// Module that says so.
    pub module: &'static str,
    /// Where it says so.
    pub location: SourceLocation,
}

impl LinkDescriptor {
    /// The crate's name without the mark of a raw identifier.
    pub(super) fn plain_name(&self) -> &'static str {
        self.name.strip_prefix("r#").unwrap_or(self.name)
    }
}

/// Links crates whose listeners nobody names, and has their presence verified.
///
/// A dependency that no code names is not linked, and its listeners are lost without a word: events
/// would be emitted to nobody. `link!` names the crates, and
/// [`Registry::verify`](crate::Registry::verify), which `start` runs, fails if one of them
/// contributed neither an event nor a listener ([`EM0007`](crate::registry::codes::em0007)).
///
/// It stands in a module or in a function's body, of the binary or of a library that the binary
/// uses. A crate is recognised by the name of its library or of its package. Where `Cargo.toml`
/// renames the dependency (`contacts = { package = "acme-contacts", … }`), say which package it is:
///
/// ```ignore
/// emissions::link!(billing, contacts = "acme-contacts");
/// ```
///
/// On `wasm32-unknown-unknown` the linker runs no registrations, so nothing is ever collected there.
#[macro_export]
macro_rules! link {
    ($($name:ident $(= $package:literal)?),+ $(,)?) => {$(
        const _: () = {
            #[allow(unused_imports)]
            use ::$name as _;
            $crate::__private::inventory::submit! {
                &$crate::__private::LinkDescriptor {
                    name: ::core::stringify!($name),
                    package: $crate::__link_package!($($package)?),
                    module: ::core::module_path!(),
                    location: $crate::__private::SourceLocation {
                        file: ::core::file!(),
                        line: ::core::line!(),
                        column: ::core::column!(),
                    },
                }
            }
        };
    )+};
    ($($other:tt)*) => {
        ::core::compile_error! {
            "`link!` takes names of crates\nwrite `emissions::link!(contacts, billing)`, and `contacts = \"acme-contacts\"` for a renamed dependency"
        }
    };
}

/// Not public API. Used by `link!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __link_package {
    () => {
        ::core::option::Option::None
    };
    ($package:literal) => {
        ::core::option::Option::Some($package)
    };
}
