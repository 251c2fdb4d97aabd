//! What a listener is: its description, and the erased form in which dispatch calls it.

pub(crate) mod argument;
pub(crate) mod call;
pub(crate) mod descriptor;
pub(crate) mod output;
pub(crate) mod pattern;

pub use self::{
    descriptor::{
        ArgumentDescriptor, Backoff, ListenerDescriptor, ListensTo, OptOutDescriptor, OptOutKind, RetryRule, Role,
    },
    output::{BoxError, ListenerOutput},
    pattern::NamePattern,
};
