//! What `start` works out for each event, so that an emission only follows it.

use std::{any::Any, pin::Pin, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{
    envelope::{Envelope, RawEnvelope},
    event::Event,
    listener::{
        BoxError, ListenerDescriptor, RetryRule, Role,
        call::{Attempt, BoundListener, CallSlot, Ending, Form, ListenRaw, ListenerFuture, TypedListener},
    },
    telemetry::{EventNumbers, ListenerNumbers},
};

/// Not public API. Used by generated code.
#[doc(hidden)]
pub(crate) type PlanOf = fn(Vec<Ingredient>) -> Box<dyn Any + Send + Sync>;

/// Not public API. Used by generated code.
///
/// Restores the event's type for the listeners bound to it, once, at start.
#[doc(hidden)]
pub fn plan_of<E: Event>(ingredients: Vec<Ingredient>) -> Box<dyn Any + Send + Sync> {
    Box::new(EventPlan::<E>::new(ingredients))
}

/// Not public API.
///
/// One listener of the event, ready to be planned; they come in the order in which they start.
#[doc(hidden)]
pub struct Ingredient {
    pub(crate) descriptor: &'static ListenerDescriptor,
    pub(crate) bound: BoundListener,
    /// Positions of the listeners that go first.
    pub(crate) after: Vec<usize>,
    pub(crate) default_timeout: Option<Duration>,
}

/// Everything an emission of `E` needs to know.
pub(crate) struct EventPlan<E: Event> {
    /// All listeners, in the order in which they start.
    pub(crate) listeners: Box<[PlannedListener<E>]>,
    /// Positions of those that hold the gate, and of the others.
    pub(crate) gate: Box<[usize]>,
    pub(crate) observers: Box<[usize]>,
    pub(crate) everybody: Box<[usize]>,
    /// Whether anybody takes the event as bytes.
    pub(crate) wants_bytes: bool,
    /// Whether that is also the order of their identities, in which reports come.
    pub(crate) starts_in_order_of_ids: bool,
    pub(crate) numbers: EventNumbers,
}

impl<E: Event> EventPlan<E> {
    fn new(ingredients: Vec<Ingredient>) -> Self {
        let mut wants_bytes = false;
        let listeners: Box<[_]> = ingredients
            .into_iter()
            .filter_map(|ingredient| {
                let call = match ingredient.bound.0 {
                    // The type is that of the event the listener is bound to, so this succeeds.
                    Form::Typed(erased) => Call::Typed(*erased.downcast::<TypedListener<E>>().ok()?),
                    Form::Raw(raw) => {
                        wants_bytes = true;
                        Call::Raw(raw)
                    }
                };
                let descriptor = ingredient.descriptor;
                let policy = Policy::of(descriptor, ingredient.default_timeout, ingredient.after);
                Some(PlannedListener {
                    id: descriptor.id(),
                    role: descriptor.role,
                    call,
                    policy,
                    numbers: ListenerNumbers::default(),
                })
            })
            .collect();
        let positions = |wanted: &dyn Fn(&PlannedListener<E>) -> bool| {
            (0..listeners.len()).filter(|&index| wanted(&listeners[index])).collect()
        };
        Self {
            gate: positions(&|listener| listener.role == Role::Gate),
            observers: positions(&|listener| listener.role == Role::Observer),
            everybody: positions(&|_| true),
            wants_bytes,
            numbers: EventNumbers::new(),
            starts_in_order_of_ids: listeners.is_sorted_by_key(|listener| listener.id),
            listeners,
        }
    }
}

/// One listener of one event.
pub(crate) struct PlannedListener<E: Event> {
    pub(crate) id: &'static str,
    pub(crate) role: Role,
    call: Call<E>,
    /// Nothing for a listener without options: it is called directly.
    pub(crate) policy: Option<Box<Policy>>,
    pub(crate) numbers: ListenerNumbers,
}

enum Call<E: Event> {
    Typed(TypedListener<E>),
    Raw(Box<dyn ListenRaw>),
}

/// The event in the forms listeners take it.
pub(crate) struct Forms<'a, E> {
    pub(crate) envelope: &'a Envelope<E>,
    /// Made only if somebody wants it; the text says why it could not be made.
    pub(crate) raw: Option<&'a Result<RawEnvelope, String>>,
}

impl<E> Clone for Forms<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Forms<'_, E> {}

impl<E: Event> PlannedListener<E> {
    /// Positions of the listeners that go first.
    pub(crate) fn after(&self) -> &[usize] {
        self.policy.as_deref().map_or(&[], |policy| &policy.after)
    }

    #[inline]
    pub(crate) fn comes_after_others(&self) -> bool {
        !self.after().is_empty()
    }

    /// Begins one attempt, in the place given.
    #[inline]
    pub(crate) fn begin<'a>(&'a self, forms: Forms<'a, E>, attempt: Attempt<'a>, place: Pin<&mut CallSlot<'a>>) {
        match &self.call {
            Call::Typed(listener) => listener.begin(forms.envelope, attempt, place),
            Call::Raw(listener) => match forms.raw {
                Some(Ok(raw)) => listener.begin(raw, attempt, place),
                Some(Err(why)) => fail(why.clone(), place),
                None => fail("the event was not serialised".to_owned(), place),
            },
        }
    }

    /// Whether its predicate selects the event.
    pub(crate) fn selects(&self, forms: Forms<'_, E>) -> bool {
        match (&self.call, forms.raw) {
            (Call::Typed(listener), _) => listener.selects(forms.envelope),
            (Call::Raw(listener), Some(Ok(raw))) => listener.selects(raw),
            // It is called, and fails with the reason.
            (Call::Raw(_), _) => true,
        }
    }
}

/// An attempt that fails before the listener is called.
#[cold]
fn fail(why: String, place: Pin<&mut CallSlot<'_>>) {
    place.fill(ListenerFuture::from(std::future::ready(Err(Box::new(Ending::Failed(BoxError::from(why)))))));
}

/// What a listener's options ask for.
pub(crate) struct Policy {
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<RetryRule>,
    pub(crate) concurrency: Option<Arc<Semaphore>>,
    pub(crate) has_predicate: bool,
    /// Positions of the listeners that go first.
    pub(crate) after: Box<[usize]>,
}

impl Policy {
    fn of(descriptor: &ListenerDescriptor, default_timeout: Option<Duration>, after: Vec<usize>) -> Option<Box<Self>> {
        let policy = Self {
            timeout: descriptor.timeout.or(default_timeout),
            retry: descriptor.retry,
            concurrency: descriptor.concurrency.map(|limit| Arc::new(Semaphore::new(limit.max(1) as usize))),
            has_predicate: descriptor.when.is_some(),
            after: after.into(),
        };
        let Self { timeout, retry, concurrency, has_predicate, after } = &policy;
        let plain = timeout.is_none() && retry.is_none() && concurrency.is_none() && !has_predicate && after.is_empty();
        (!plain).then(|| Box::new(policy))
    }
}
