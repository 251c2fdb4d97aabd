//! How the arguments of a listener are found, by their types alone.

use std::{any::Any, sync::Arc};

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

/// Not public API. Used by generated code.
///
/// Where one argument of a listener comes from.
pub struct Dependency<T: ?Sized>(Source<T>);

enum Source<T: ?Sized> {
    /// Given to the builder.
    Provided(Arc<T>),
    /// Made by each invocation, as its `Ctx` is.
    Invocation(for<'a> fn(&'a Invocation<'_>) -> &'a T),
}

impl<T: ?Sized> Dependency<T> {
    /// The argument for one invocation.
    #[inline]
    pub fn get<'a>(&'a self, invocation: &'a Invocation<'_>) -> &'a T {
        match &self.0 {
            Source::Provided(value) => value,
            Source::Invocation(of) => of(invocation),
        }
    }
}

impl<T: Send + Sync + 'static + ?Sized> Dependency<T> {
    fn resolve(resolver: &mut Resolver<'_>) -> Option<Self> {
        // Known by its type and not by its name, so that an alias of `Ctx` is one too.
        let ctx: &dyn Any = &Source::<Ctx>::Invocation(|invocation| invocation.ctx());
        match ctx.downcast_ref::<Source<T>>() {
            Some(Source::Invocation(of)) => Some(Self(Source::Invocation(*of))),
            _ => resolver.resolve().map(|value| Self(Source::Provided(value))),
        }
    }
}

/// Not public API. Used by generated code.
///
/// All arguments of a listener behind the first: a [`Dependency`] and the rest of them.
#[diagnostic::on_unimplemented(
    message = "this listener takes an argument that can't be shared between threads",
    label = "can't be registered",
    note = "every further argument is `&Ctx`, or `&T` for a `T: Send + Sync + 'static` given to `Builder::provide`",
    note = "which one it is, and why, stands in the error that comes with this one"
)]
pub trait Dependencies: Sized + Send + Sync + 'static {
    /// Finds them; all are asked before any is missed, so that all missing ones are reported.
    #[doc(hidden)]
    fn resolve(resolver: &mut Resolver<'_>) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl Dependencies for () {
    fn resolve(_: &mut Resolver<'_>) -> Option<Self> {
        Some(())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static + ?Sized, R: Dependencies> Dependencies for (Dependency<T>, R) {
    fn resolve(resolver: &mut Resolver<'_>) -> Option<Self> {
        let (first, rest) = (Dependency::resolve(resolver), R::resolve(resolver));
        Some((first?, rest?))
    }
}
