//! One page per violation: what it says, why it is refused, an example, and how to mend it.

use std::fmt;

/// The codes, their pages, and nothing that has to be kept in step with another list.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:literal $page:ident $variant:ident,)+) => {
        /// Codes of violations; stable, so that they can be searched for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ViolationCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ViolationCode {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as text, such as `EM0001`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// Its page, as Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("../docs/violations/", stringify!($page), ".md")),)+
                }
            }

            /// Path of its page in the documentation of this crate.
            pub fn doc_path(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("emissions::registry::codes::", stringify!($page)),)+
                }
            }
        }

        $(#[doc = include_str!(concat!("../docs/violations/", stringify!($page), ".md"))] pub mod $page {})+
    };
}

codes! {
    /// Two events have one wire name and version.
    "EM0001" em0001 SharedWireName,
    /// Two listeners have one identity.
    "EM0002" em0002 SharedListenerId,
    /// A listener's event is not registered.
    "EM0003" em0003 UnregisteredEvent,
    /// A listener comes after one that does not listen to the same event in the same role.
    "EM0004" em0004 AfterStranger,
    /// Listeners come after each other in a circle.
    "EM0005" em0005 AfterCycle,
    /// An event asks for more gate listeners than there are.
    "EM0006" em0006 TooFewGateListeners,
    /// A linked crate contributed nothing.
    "EM0007" em0007 EmptyLink,
    /// A dependency of a listener was not provided.
    "EM0008" em0008 MissingDependency,
    /// A type was provided more than once.
    "EM0009" em0009 RepeatedDependency,
    /// A setting of the builder can't be used.
    "EM0010" em0010 InvalidSetting,
    /// One field name has two types.
    "EM0011" em0011 FieldTypeClash,
    /// One field name has two meanings.
    "EM0012" em0012 FieldMeaningClash,
    /// A shared field is used under another name.
    "EM0013" em0013 SharedFieldMisnamed,
    /// The pattern of a listener is none.
    "EM0014" em0014 InvalidPattern,
    /// Attempts, limits and pauses of a listener do not fit together.
    "EM0015" em0015 ImpossibleBudget,
    /// A route leads to an adapter that is none.
    "EM0016" em0016 UnknownAdapter,
    /// No route leads to an adapter.
    "EM0017" em0017 UnroutedAdapter,
    /// Two adapters have one name.
    "EM0018" em0018 RepeatedAdapter,
    /// An event asks for more than an adapter on its route can give.
    "EM0019" em0019 WeakRoute,
}

impl fmt::Display for ViolationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
