//! Everything generated code may use. Not public API.

pub use core;
pub use inventory;
pub use schemars;
pub use serde;
pub use serde_json;
pub use std;

pub use crate::{
    event::{
        BulkRule, DeliveryNeed, Event, EventDescriptor, EventSlot, FieldDescriptor, GateRule, OnEmpty, SharedField,
        SharedFieldDescriptor, SourceLocation,
    },
    listener::{
        ArgumentDescriptor, Backoff, BoxError, ListenerDescriptor, ListenerOutput, ListensTo, OptOutDescriptor,
        OptOutKind, RetryRule, Role,
        argument::{Argument, DependencyArgument, EventArgument, PatternArgument},
        call::{
            Attempt, BoundListener, ListenerFuture, a_listener_may_run_on_any_thread_so_its_future_must_be_send,
            bind_event, bind_pattern,
        },
    },
    plan::plan_of,
    provide::Resolver,
};

inventory::collect!(&'static EventDescriptor);
inventory::collect!(&'static ListenerDescriptor);

/// Asks a field's type whether it is a `#[shared_field]`, without a bound on it: method
/// resolution finds the inherent method of [`FieldType`] only where the bound holds.
pub struct FieldType<T: ?Sized>(core::marker::PhantomData<fn(&T)>);

impl<T: ?Sized> FieldType<T> {
    #[expect(clippy::new_without_default, reason = "generated code calls it")]
    pub const fn new() -> Self {
        Self(core::marker::PhantomData)
    }
}

impl<T: SharedField + ?Sized> FieldType<T> {
    pub fn shared(&self) -> Option<&'static SharedFieldDescriptor> {
        Some(T::shared_field())
    }
}

/// The answer for every other type.
pub trait NotShared {
    fn shared(&self) -> Option<&'static SharedFieldDescriptor> {
        None
    }
}

impl<T: ?Sized> NotShared for FieldType<T> {}

/// Refuses, at its type, an event argument that a listener with a name pattern can't have.
pub const fn takes_a_pattern<T: PatternArgument + ?Sized>() {}

/// The one template of a registration.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_listener {
    (
        explicit_id: $explicit_id:expr,
        function: $function:expr,
        line: $line:expr,
        column: $column:expr,
        doc: $doc:expr,
        listens_to: $listens_to:expr,
        role: $role:expr,
        timeout: $timeout:expr,
        retry: $retry:expr,
        concurrency: $concurrency:expr,
        after: $after:expr,
        when: $when:expr,
        arguments: $arguments:expr,
        opt_outs: $opt_outs:expr,
        bind: $bind:expr $(,)?
    ) => {
        $crate::__private::inventory::submit! {
            &$crate::__private::ListenerDescriptor {
                explicit_id: $explicit_id,
                function: $function,
                crate_name: ::core::env!("CARGO_PKG_NAME"),
                location: $crate::__private::SourceLocation {
                    file: ::core::file!(),
                    line: $line,
                    column: $column,
                },
                doc: $doc,
                listens_to: $listens_to,
                role: $role,
                timeout: $timeout,
                retry: $retry,
                concurrency: $concurrency,
                after: $after,
                when: $when,
                arguments: $arguments,
                opt_outs: $opt_outs,
                bind: $bind,
            }
        }
    };
}

pub use crate::__register_listener as register_listener;
