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
    argument::{EventArgument, PatternArgument},
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
pub type ListenerFuture<'a> = StackFuture<'a, Result<(), ThinError>, INLINE_FUTURE_BYTES>;

/// A listener's error behind one pointer more, so that the result of a poll fits into registers: on
/// the way of a success, memory written in parts and read as a whole would cost more than the call.
pub type ThinError = Box<BoxError>;

/// The end of an attempt that takes its time.
pub type BoxedCall = Pin<Box<dyn Future<Output = Result<(), ThinError>> + Send>>;

/// A place for the future of one attempt.
pub(crate) type CallSlot<'a> = Slot<ListenerFuture<'a>>;

/// Not public API. Used by generated code.
///
/// A bound that says in its name what it is for: rustc quotes it when a listener's future is not `Send`.
#[inline]
pub fn a_listener_may_run_on_any_thread_so_its_future_must_be_send<'a, F>(future: F) -> ListenerFuture<'a>
where
    F: Future<Output = Result<(), ThinError>> + Send + 'a,
{
    StackFuture::from_or_box(future)
}

/// What dispatch knows when it starts an attempt.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
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

impl<'a> Attempt<'a> {
    /// Begins the attempt.
    #[inline]
    pub fn open(self) -> Invocation<'a> {
        Invocation { attempt: self, ctx: OnceLock::new() }
    }
}

/// One running attempt; it makes the `Ctx` when a listener asks for one, and not before.
pub struct Invocation<'a> {
    attempt: Attempt<'a>,
    ctx: OnceLock<Box<Ctx>>,
}

impl Invocation<'_> {
    pub(crate) fn ctx(&self) -> &Ctx {
        self.ctx.get_or_init(|| Box::new(Ctx::open(&self.attempt)))
    }

    /// Tells how the listener went: at once, if it never had a `Ctx`.
    ///
    /// # Errors
    ///
    /// None: the second form is a future that joins what the listener spawned, hands over what it
    /// emitted and then tells. Apart, so that other listeners don't carry the memory of it.
    #[inline]
    pub fn settle(self, result: Result<(), BoxError>) -> Result<Result<(), ThinError>, BoxedCall> {
        match self.ctx.into_inner() {
            None => Ok(result.map_err(Box::new)),
            Some(ctx) => Err(Box::pin(async move { ctx.settle(result).await.map_err(Box::new) })),
        }
    }
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
    /// Holds an `Arc<dyn Listen<E>>`.
    Typed(Box<dyn Any + Send + Sync>),
    Raw(Box<dyn ListenRaw>),
}

pub(crate) type TypedListener<E> = Box<dyn Listen<E>>;

struct Bound<S, P, C> {
    slots: S,
    selects: P,
    call: C,
}

struct Typed<A, S, P, C>(Bound<S, P, C>, std::marker::PhantomData<fn(&A)>);

impl<A, S, P, C> Listen<A::Event> for Typed<A, S, P, C>
where
    A: EventArgument,
    S: Send + Sync,
    P: Fn(&A) -> bool + Send + Sync,
    C: for<'a> Fn(&'a S, &'a A, Attempt<'a>) -> ListenerFuture<'a> + Send + Sync,
{
    fn begin<'a>(&'a self, envelope: &'a Envelope<A::Event>, attempt: Attempt<'a>, place: Pin<&mut CallSlot<'a>>) {
        place.fill((self.0.call)(&self.0.slots, A::pick(envelope), attempt));
    }

    fn selects(&self, envelope: &Envelope<A::Event>) -> bool {
        (self.0.selects)(A::pick(envelope))
    }
}

impl<A, S, P, C> ListenRaw for Typed<A, S, P, C>
where
    A: PatternArgument,
    S: Send + Sync,
    P: Fn(&A) -> bool + Send + Sync,
    C: for<'a> Fn(&'a S, &'a A, Attempt<'a>) -> ListenerFuture<'a> + Send + Sync,
{
    fn begin<'a>(&'a self, envelope: &'a RawEnvelope, attempt: Attempt<'a>, place: Pin<&mut CallSlot<'a>>) {
        place.fill((self.0.call)(&self.0.slots, A::pick(envelope), attempt));
    }

    fn selects(&self, envelope: &RawEnvelope) -> bool {
        (self.0.selects)(A::pick(envelope))
    }
}

/// Not public API. Used by generated code.
pub fn bind_event<A, S, P, C>(slots: Option<S>, selects: P, call: C) -> Option<BoundListener>
where
    A: EventArgument,
    S: Send + Sync + 'static,
    P: Fn(&A) -> bool + Send + Sync + 'static,
    C: for<'a> Fn(&'a S, &'a A, Attempt<'a>) -> ListenerFuture<'a> + Send + Sync + 'static,
{
    let typed = Typed(Bound { slots: slots?, selects, call }, std::marker::PhantomData);
    let erased: TypedListener<A::Event> = Box::new(typed);
    Some(BoundListener(Form::Typed(Box::new(erased))))
}

/// Not public API. Used by generated code.
pub fn bind_pattern<A, S, P, C>(slots: Option<S>, selects: P, call: C) -> Option<BoundListener>
where
    A: PatternArgument,
    S: Send + Sync + 'static,
    P: Fn(&A) -> bool + Send + Sync + 'static,
    C: for<'a> Fn(&'a S, &'a A, Attempt<'a>) -> ListenerFuture<'a> + Send + Sync + 'static,
{
    let typed: Typed<A, _, _, _> = Typed(Bound { slots: slots?, selects, call }, std::marker::PhantomData);
    Some(BoundListener(Form::Raw(Box::new(typed))))
}
