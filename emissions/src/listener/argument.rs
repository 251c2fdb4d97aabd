//! How the arguments of a listener are found, by their types alone.

use std::{marker::PhantomData, sync::Arc};

use super::call::Invocation;
use crate::{
    Ctx,
    envelope::{Envelope, RawEnvelope},
    event::Event,
    provide::Resolver,
};

/// The first argument of a listener of one event: `&E` or `&Envelope<E>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event, so no listener can take it first",
    label = "the first argument of a listener is the event",
    note = "take `&E` or `&Envelope<E>`, where `E` has `#[event(name = \"…\")]`",
    note = "a listener of many events takes `&RawEnvelope` and says `#[on_event(name = \"contact.**\")]`"
)]
pub trait EventArgument: Send + Sync + 'static {
    /// The event.
    type Event: Event;

    /// Not public API. Used by generated code.
    #[doc(hidden)]
    fn pick(envelope: &Envelope<Self::Event>) -> &Self;
}

#[diagnostic::do_not_recommend]
impl<E: Event> EventArgument for E {
    type Event = E;

    fn pick(envelope: &Envelope<E>) -> &E {
        &envelope.payload
    }
}

impl<E: Event> EventArgument for Envelope<E> {
    type Event = E;

    fn pick(envelope: &Envelope<E>) -> &Envelope<E> {
        envelope
    }
}

/// The first argument of a listener of many events: `&RawEnvelope`.
#[diagnostic::on_unimplemented(
    message = "a listener with a name pattern takes `&RawEnvelope` first, not `&{Self}`",
    label = "events of many types can only arrive as `&RawEnvelope`",
    note = "write `&emissions::RawEnvelope`, or leave `name = \"…\"` out to listen to one event"
)]
pub trait PatternArgument: Send + Sync + 'static {
    /// Not public API. Used by generated code.
    #[doc(hidden)]
    fn pick(raw: &RawEnvelope) -> &Self;
}

impl PatternArgument for RawEnvelope {
    fn pick(raw: &RawEnvelope) -> &Self {
        raw
    }
}

/// A type that `Builder::provide` can give to listeners.
#[diagnostic::on_unimplemented(
    message = "`&{Self}` can't be an argument of a listener",
    label = "a dependency is shared between threads",
    note = "every further argument is `&Ctx`, or `&T` for a `T: Send + Sync + 'static` given to `Builder::provide`"
)]
pub trait Provided: Send + Sync + 'static {}

impl<T: Send + Sync + 'static + ?Sized> Provided for T {}

/// Not public API. Used by generated code.
///
/// Tells `Ctx` from every other type without naming it: an inherent method wins over a trait's.
pub struct Argument<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> Argument<T> {
    /// The question.
    #[expect(clippy::new_without_default, reason = "generated code calls it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl Argument<Ctx> {
    /// A place for the running invocation's own.
    pub fn resolve(&self, _: &mut Resolver<'_>) -> Option<CtxSlot> {
        Some(CtxSlot)
    }
}

/// Not public API. Used by generated code.
pub trait DependencyArgument<T: ?Sized> {
    /// The dependency that was provided, if it was.
    fn resolve(&self, resolver: &mut Resolver<'_>) -> Option<Dependency<T>>
    where
        T: Provided;
}

impl<T: ?Sized> DependencyArgument<T> for Argument<T> {
    fn resolve(&self, resolver: &mut Resolver<'_>) -> Option<Dependency<T>>
    where
        T: Provided,
    {
        resolver.resolve().map(Dependency)
    }
}

/// A dependency, resolved at start.
pub struct Dependency<T: ?Sized>(Arc<T>);

impl<T: ?Sized> Dependency<T> {
    #[inline]
    pub fn get<'a>(&'a self, _: &'a Invocation<'_>) -> &'a T {
        &self.0
    }
}

/// The place of `&Ctx` among the arguments.
pub struct CtxSlot;

impl CtxSlot {
    #[inline]
    #[expect(clippy::unused_self, reason = "generated code calls it like a dependency's")]
    pub fn get<'a>(&'a self, invocation: &'a Invocation<'_>) -> &'a Ctx {
        invocation.ctx()
    }
}
