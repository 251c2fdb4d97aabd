//! Everything generated code may use. Not public API.

pub use core;
pub use inventory;
pub use schemars;
pub use serde;
pub use serde_json;
pub use std;

pub use crate::lint::probe as lint;
pub use crate::{
    event::{
        BulkRule, DeliveryNeed, Event, EventDescriptor, EventSlot, FieldDescriptor, GateRule, OnEmpty, SharedField,
        SharedFieldDescriptor, SourceLocation,
    },
    listener::{
        ArgumentDescriptor, Backoff, BoxError, ListenerDescriptor, ListenerOutput, ListensTo, OptOutDescriptor,
        OptOutKind, RetryRule, Role,
        argument::{Dependency, EventArgument, PatternArgument},
        call::{
            Callee, Invocation, ListenerFuture, a_listener_may_run_on_any_thread_so_its_future_must_be_send,
            bind_event, bind_pattern,
        },
    },
    plan::plan_of,
    provide::Resolver,
    registry::LinkDescriptor,
};

pub use self::{
    fields::{
        FieldType, KeyByDisplay, KeyByValue, KeyOf, NoKey, NoText, NoneAtAll, NotOptional, NotRefused, NotShared,
        NotSharedKey, NotWide, NotWideInside, SharedKey, SharedWidth, TextOrNone, accept_shape, bulk_len,
    },
    integer_text::AsText,
    schema::{FieldSchema, field_schema, object_schema, schema_of, value_schema},
};

mod fields;
pub mod integer_text;
mod schema;
mod shape;

inventory::collect!(&'static EventDescriptor);
inventory::collect!(&'static ListenerDescriptor);
inventory::collect!(&'static LinkDescriptor);

/// The path of a function, as a function that tells it.
#[must_use]
pub const fn path_of<F>(_: &F) -> fn() -> &'static str {
    std::any::type_name::<F>
}

/// The one template of a registration.
#[doc(hidden)]
#[macro_export]
macro_rules! __register_listener {
    (
        explicit_id: $explicit_id:expr,
        function: $function:expr,
        location: $location:expr,
        doc: $doc:expr,
        listens_to: $listens_to:expr,
        role: $role:expr,
        timeout: $timeout:expr,
        retry: $retry:expr,
        concurrency: $concurrency:expr,
        after: $after:expr,
        when: $when:expr,
        arguments: $arguments:expr,
        strict: $strict:expr,
        opt_outs: $opt_outs:expr,
        bind: $bind:expr $(,)?
    ) => {
        $crate::__private::inventory::submit! {
            &$crate::__private::ListenerDescriptor {
                explicit_id: $explicit_id,
                function: $function,
                crate_name: ::core::env!("CARGO_PKG_NAME"),
                location: $location,
                doc: $doc,
                listens_to: $listens_to,
                role: $role,
                timeout: $timeout,
                retry: $retry,
                concurrency: $concurrency,
                after: $after,
                when: $when,
                arguments: $arguments,
                strict: $strict,
                opt_outs: $opt_outs,
                bind: $bind,
            }
        }
    };
}

pub use crate::__register_listener as register_listener;
