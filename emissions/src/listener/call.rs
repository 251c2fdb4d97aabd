//! The erased form of a listener.
//!
//! A listener's future borrows the event and the listener's own slots and lies in a piece of
//! memory that dispatch reuses: no allocation while it is small and ready when first polled.

use std::{
    any::Any,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use stackfuture::StackFuture;
use tokio::time::Instant;

use super::{
    argument::{Dependencies, EventArgument, PatternArgument},
    output::BoxError,
};
use crate::{
    Ctx, Emissions,
    dispatch::{Cause, Lineage, contain::Slot},
    envelope::{Envelope, EnvelopeHead, RawEnvelope},
    event::Event,
    provide::Resolver,
};

/// Bytes a listener's future may have before it costs an allocation of its own.
const INLINE_FUTURE_BYTES: usize = 512;

/// The future of one attempt of one listener.
pub type ListenerFuture<'a> = StackFuture<'a, Settlement, INLINE_FUTURE_BYTES>;

/// How an attempt ended. Behind one pointer, so that the result of a poll fits into registers: on the
/// way of a success, memory written in parts and read as a whole would cost more than the call.
pub(crate) type Settlement = Result<(), Box<Ending>>;

/// An attempt that has not succeeded, or not yet.
pub enum Ending {
    /// The listener has failed.
    Failed(BoxError),
    /// The listener has returned; what it spawned is joined and what it emitted is handed over by this.
    Closing(Pin<Box<dyn Future<Output = Settlement> + Send>>),
}

/// A place for the future of one attempt.
pub(crate) type CallSlot<'a> = Slot<ListenerFuture<'a>>;

/// Not public API. Used by generated code.
///
/// A bound that says in its name what it is for: rustc quotes it when a listener's future is not `Send`.
#[inline]
pub fn a_listener_may_run_on_any_thread_so_its_future_must_be_send<'a, F>(future: F) -> ListenerFuture<'a>
where
    F: Future<Output = Settlement> + Send + 'a,
{
    StackFuture::from_or_box(future)
}

/// What dispatch knows when it starts an attempt.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) dispatch: &'a Dispatch<'a>,
    pub(crate) listener: &'static str,
    pub(crate) number: u32,
    pub(crate) deadline: Option<Instant>,
}

/// What all attempts of one run have in common.
pub(crate) struct Dispatch<'a> {
    pub(crate) emissions: &'a Emissions,
    pub(crate) head: &'a EnvelopeHead,
    pub(crate) lineage: Option<&'a Arc<Lineage>>,
    /// Deadline of the emit.
    pub(crate) deadline: Option<Instant>,
}

impl<'a> Dispatch<'a> {
    pub(crate) fn new(
        emissions: &'a Emissions,
        head: &'a EnvelopeHead,
        cause: Option<&'a Cause>,
        deadline: Option<Instant>,
    ) -> Self {
        Self { emissions, head, lineage: cause.map(|cause| &cause.lineage), deadline }
    }
}

/// One running attempt; it makes the `Ctx` when a listener asks for one, and not before.
pub struct Invocation<'a> {
    attempt: Attempt<'a>,
    ctx: OnceLock<Box<Ctx>>,
}

impl<'a> Invocation<'a> {
    #[inline]
    fn open(attempt: Attempt<'a>) -> Self {
        Self { attempt, ctx: OnceLock::new() }
    }

    pub(crate) fn ctx(&self) -> &Ctx {
        self.ctx.get_or_init(|| Box::new(Ctx::open(&self.attempt)))
    }

    /// Tells how the listener went: at once, if it never had a `Ctx`.
    ///
    /// # Errors
    ///
    /// The listener's, or a future that joins what the listener spawned, hands over what it emitted and
    /// then tells. Apart, so that other listeners don't carry the memory of it.
    #[inline]
    pub fn settle(self, result: Result<(), BoxError>) -> Settlement {
        match self.ctx.into_inner() {
            None => failed_or_done(result),
            Some(ctx) => {
                Err(Box::new(Ending::Closing(Box::pin(async move { failed_or_done(ctx.settle(result).await) }))))
            }
        }
    }
}

fn failed_or_done(result: Result<(), BoxError>) -> Settlement {
    result.map_err(|error| Box::new(Ending::Failed(error)))
}

/// A listener of one event type, its dependencies resolved.
pub(crate) trait Listen<E: Event>: Send + Sync {
    /// Begins a call, in place: its future is large, and moving it would cost more than running a small one.
    fn begin<'a>(&'a self, envelope: &'a Envelope<E>, attempt: Attempt<'a>, place: Pin<&mut CallSlot<'a>>);
    fn selects(&self, envelope: &Envelope<E>) -> bool;
}

/// A listener of many event types, its dependencies resolved.
pub(crate) trait ListenRaw: Send + Sync {
    /// As [`Listen::begin`].
    fn begin<'a>(&'a self, envelope: &'a RawEnvelope, attempt: Attempt<'a>, place: Pin<&mut CallSlot<'a>>);
    fn selects(&self, envelope: &RawEnvelope) -> bool;
}

/// Not public API. Used by generated code.
///
/// Resolves the dependencies of a listener; what is missing stays with the resolver.
pub(crate) type Bind = fn(&mut Resolver<'_>) -> Option<BoundListener>;

/// A listener with its dependencies; which of the two forms it has follows from its descriptor.
pub struct BoundListener(pub(crate) Form);

pub(crate) enum Form {
    /// Holds a `TypedListener<E>`.
    Typed(Box<dyn Any + Send + Sync>),
    Raw(Box<dyn ListenRaw>),
}

pub(crate) type TypedListener<E> = Box<dyn Listen<E>>;

/// Not public API. Implemented by generated code.
///
/// A function as dispatch calls it. All of it is in types: a closure here would be checked anew, with
/// everything it captures, in every crate that has listeners.
pub trait Callee: 'static {
    /// What the function takes first, without the reference.
    type Argument: ?Sized + 'static;
    /// What else it takes: nested pairs of a [`Dependency`](super::argument::Dependency) and the rest.
    type Dependencies: Dependencies;

    /// Whether it wants to be called, as `when = …` says.
    #[inline]
    fn selects(_argument: &Self::Argument) -> bool {
        true
    }

    /// Begins a call.
    fn call<'a>(
        dependencies: &'a Self::Dependencies,
        argument: &'a Self::Argument,
        invocation: Invocation<'a>,
    ) -> ListenerFuture<'a>;
}

/// A callee with its dependencies.
struct Ready<C: Callee>(C::Dependencies);

impl<C> Listen<<C::Argument as EventArgument>::Event> for Ready<C>
where
    C: Callee<Argument: EventArgument>,
{
    fn begin<'a>(
        &'a self,
        envelope: &'a Envelope<<C::Argument as EventArgument>::Event>,
        attempt: Attempt<'a>,
        place: Pin<&mut CallSlot<'a>>,
    ) {
        place.fill(C::call(&self.0, C::Argument::pick(envelope), Invocation::open(attempt)));
    }

    fn selects(&self, envelope: &Envelope<<C::Argument as EventArgument>::Event>) -> bool {
        C::selects(C::Argument::pick(envelope))
    }
}

impl<C> ListenRaw for Ready<C>
where
    C: Callee<Argument: PatternArgument>,
{
    fn begin<'a>(&'a self, envelope: &'a RawEnvelope, attempt: Attempt<'a>, place: Pin<&mut CallSlot<'a>>) {
        place.fill(C::call(&self.0, C::Argument::pick(envelope), Invocation::open(attempt)));
    }

    fn selects(&self, envelope: &RawEnvelope) -> bool {
        C::selects(C::Argument::pick(envelope))
    }
}

/// Not public API. Used by generated code.
pub fn bind_event<A, C>(resolver: &mut Resolver<'_>) -> Option<BoundListener>
where
    A: EventArgument,
    C: Callee<Argument = A>,
{
    let erased: TypedListener<A::Event> = Box::new(Ready::<C>(C::Dependencies::resolve(resolver)?));
    Some(BoundListener(Form::Typed(Box::new(erased))))
}

/// Not public API. Used by generated code.
pub fn bind_pattern<A, C>(resolver: &mut Resolver<'_>) -> Option<BoundListener>
where
    A: PatternArgument,
    C: Callee<Argument = A>,
{
    Some(BoundListener(Form::Raw(Box::new(Ready::<C>(C::Dependencies::resolve(resolver)?)))))
}
