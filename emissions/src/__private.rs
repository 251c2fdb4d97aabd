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
