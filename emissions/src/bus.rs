//! `Emissions`: the value through which a service emits.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use tokio::{runtime::Handle, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use crate::{
    buffer::{Abandonments, BufferLimits},
    counters::{Counters, Detached, Emitted, Ledger, Unsettled},
    dispatch::{Cause, Held},
    emission::{Admission, Emission, EmitError, EmitErrorKind, Prepared},
    event::Event,
    failure::FailureSink,
    gate::{CascadeChain, Gate, GateError},
    local::{self, LocalQueue},
    pipeline::{
        Pipeline,
        ledger::AdapterCounters,
        redrive::DeadLetters,
        room::Reserved,
        route::{RouteExplanation, RouteHop},
    },
    plan::EventPlan,
    registry::Registry,
    shutdown::{Deadline, ShutdownReport},
    subscribe::Subscriptions,
    telemetry::{self, EventNumbers, Verb},
};

/// Emits events to everybody who listens; from [`Emissions::builder`].
///
/// A clone is another handle to the same thing. Two values from two builders share nothing. It
/// exists only once everything has been verified, so there is no time before it is ready.
#[derive(Clone)]
pub struct Emissions {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) source: Arc<str>,
    pub(crate) registry: Registry,
    /// One plan per event, by the event's position in the registry.
    pub(crate) plans: Box<[Box<dyn Any + Send + Sync>]>,
    pub(crate) runtime: Handle,
    pub(crate) queue: LocalQueue,
    pub(crate) pipeline: Pipeline,
    pub(crate) buffer_limits: BufferLimits,
    pub(crate) abandoned: Abandonments,
    pub(crate) on_failure: Option<FailureSink>,
    pub(crate) cascade_limit: u16,
    pub(crate) ledger: Arc<Ledger>,
    /// Those who watch an event for a time, by the event's position in the registry.
    pub(crate) subscriptions: Subscriptions,
    pub(crate) default_within: Option<Duration>,
    /// From when on a listener counts as slow.
    pub(crate) slow_after: Duration,
    /// Cancels everything that runs without a caller.
    pub(crate) stop: CancellationToken,
}

impl Emissions {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Emits and waits for **every** gate listener; the gate is the proof that all succeeded.
    ///
    /// Gate listeners run concurrently, inside the returned future. All of them settle, whatever
    /// the others do; a panic is the failure of the listener that panicked.
    ///
    /// # Errors
    ///
    /// [`GateError`] with every failure, and with the event. [`GateError::NoListener`] if nobody
    /// holds the gate and the event does not say `gate(allow_none)`.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels the listeners that still run, and no gate appears afterwards.
    #[must_use = "nobody is called, and nothing is known of the listeners, until the future is awaited"]
    pub fn emit_async<E: Event>(
        &self,
        event: E,
    ) -> impl Future<Output = Result<Gate<E>, GateError<E>>> + Send + use<'_, E> {
        self.emission(event).emit_async()
    }

    /// Puts the event into the bounded local queue and returns; never waits for listeners.
    ///
    /// Listeners of one event run concurrently; events start in the order in which they were
    /// emitted and may overtake each other from there. Failures go to the log and to
    /// `Builder::on_failure`.
    ///
    /// # Errors
    ///
    /// [`EmitError`], with the event, if it was not admitted: the queue is full, or that of an adapter
    /// on its route (then it was queued nowhere), or everything is shut down.
    pub fn emit<E: Event>(&self, event: E) -> Result<Admission, EmitError<E>> {
        self.emission(event).emit()
    }

    /// An emission with metadata: subject, partition key, attributes, deadline.
    pub fn emission<E: Event>(&self, event: E) -> Emission<'_, E> {
        Emission::new(self, event, None)
    }

    /// Everything that was collected when this value was started.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// Where every event emitted so far ended up.
    pub fn counters(&self) -> Counters {
        self.inner.ledger.read()
    }

    /// Refuses further events, waits for what is under way and cancels what is left at the deadline.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves the emissions closed and the rest running.
    pub async fn shutdown(&self, deadline: impl Into<Deadline>) -> ShutdownReport {
        let deadline: Instant = deadline.into().0;
        let ledger = &self.inner.ledger;
        ledger.close();
        let idle = async || {
            ledger.idle().await;
            self.inner.pipeline.idle().await;
        };
        // Timers of the runtime that was there at the start, whoever polls them.
        let until = |limit: Instant| {
            let _entered = self.inner.runtime.enter();
            tokio::time::timeout_at(limit, idle())
        };
        if until(deadline).await.is_err() {
            self.inner.stop.cancel();
            // Cancelled tasks drop their guards as soon as they are polled; one that blocks its
            // thread does not, and must not hold up the report.
            let _ = until(Instant::now() + crate::shutdown::GRACE).await;
        }
        self.inner.subscriptions.close();
        ShutdownReport::new(&ledger.read(), ledger.read_detached())
    }

    /// Where everything handed over to an adapter ended up; nothing if there is none of that name.
    pub fn adapter_counters(&self, adapter: &str) -> Option<AdapterCounters> {
        self.inner.pipeline.lane(adapter).map(|lane| lane.ledger.read())
    }

    /// Which adapters an event goes to, and why.
    pub fn route_of<E: Event>(&self) -> RouteExplanation {
        let hops = self.hops::<E>().iter().map(|hop| {
            let lane = &self.inner.pipeline.lanes[hop.lane];
            RouteHop { adapter: lane.name.to_string(), patterns: hop.patterns.clone(), capabilities: lane.capabilities }
        });
        RouteExplanation { wire_type: E::descriptor().wire_type(), hops: hops.collect() }
    }

    /// Events that adapters did not take.
    pub fn dead_letters(&self) -> DeadLetters<'_> {
        DeadLetters::of(self)
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.inner.pipeline
    }

    pub(crate) fn local_queue(&self) -> &LocalQueue {
        &self.inner.queue
    }

    #[inline]
    pub(crate) fn source(&self) -> Arc<str> {
        Arc::clone(&self.inner.source)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Whether both are handles to the same thing.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    pub(crate) fn failure_sink(&self) -> Option<&FailureSink> {
        self.inner.on_failure.as_ref()
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.inner.runtime
    }

    /// The plan of an event; nothing for a type the registry does not know.
    #[inline]
    pub(crate) fn plan<E: Event>(&self) -> Option<&EventPlan<E>> {
        let position = E::descriptor().slot.get()?;
        // The plan at an event's own position was made for that event.
        self.inner.plans.get(position)?.downcast_ref()
    }

    /// Counts an event; nothing after shutdown.
    #[inline]
    pub(crate) fn admit<E: Event>(&self, unsettled: Unsettled, verb: Verb, span: &Span) -> Option<Emitted> {
        self.inner.ledger.admit(unsettled).map(|emitted| self.about::<E>(emitted, verb, span))
    }

    /// Tells telemetry what is emitted, and how.
    #[inline]
    pub(crate) fn about<E: Event>(&self, emitted: Emitted, verb: Verb, span: &Span) -> Emitted {
        let numbers = self.plan::<E>().map_or_else(EventNumbers::default, |plan| plan.numbers.clone());
        numbers.emitted(E::NAME, verb);
        emitted.about(E::NAME, numbers, span.clone())
    }

    /// Counts an event whose cause is under way, also after shutdown: what was admitted may finish.
    pub(crate) fn admit_cascade<E: Event>(&self, unsettled: Unsettled, verb: Verb, span: &Span) -> Emitted {
        self.about::<E>(self.inner.ledger.admit_cascade(unsettled), verb, span)
    }

    #[inline]
    pub(crate) fn default_within(&self) -> Option<Duration> {
        self.inner.default_within
    }

    #[inline]
    pub(crate) fn slow_after(&self) -> Duration {
        self.inner.slow_after
    }

    pub(crate) fn subscriptions(&self) -> &Subscriptions {
        &self.inner.subscriptions
    }

    /// Whether anybody has subscribed to the event.
    #[inline]
    pub(crate) fn is_watched<E: Event>(&self) -> bool {
        E::descriptor().slot.get().is_some_and(|position| self.inner.subscriptions.is_watched(position))
    }

    /// Hands a shared event to those who have subscribed to it.
    #[inline]
    pub(crate) fn show_to_subscribers<E: Event>(&self, held: &Held<E>) {
        if let (Held::Shared(envelope), Some(position)) = (held, E::descriptor().slot.get()) {
            self.inner.subscriptions.show(position, envelope);
        }
    }

    #[inline]
    pub(crate) fn too_deep(&self, cause: Option<&Cause>, event: &str) -> Option<CascadeChain> {
        let (lineage, limit) = (&cause?.lineage, self.inner.cascade_limit);
        (lineage.depth > limit).then(|| lineage.chain(event, limit))
    }

    /// Runs a task that nobody waits for but `shutdown`.
    pub(crate) fn in_background(&self, task: impl Future<Output = ()> + Send + 'static) {
        let (guard, stop) = (self.inner.ledger.background(), self.inner.stop.clone());
        self.inner.runtime.spawn(async move {
            stop.run_until_cancelled(task).await;
            drop(guard);
        });
    }

    /// Starts a task that watches the signal to stop itself.
    pub(crate) fn until_stopped<F>(&self, span: Span, task: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.inner.runtime.spawn(task(self.inner.stop.clone()).instrument(span));
    }

    /// Counts a piece of detached work.
    pub(crate) fn detached(&self) -> Detached {
        self.inner.ledger.detached()
    }

    /// Checks whether the event may enter the queue at all.
    pub(crate) fn admissible<E: Event>(&self, prepared: Prepared<E>) -> Result<Prepared<E>, EmitError<E>> {
        let kind = if let Some(error) = &prepared.invalid {
            EmitErrorKind::InvalidAttribute(error.clone())
        } else if let Some(chain) = self.too_deep(prepared.cause.as_ref(), E::NAME) {
            EmitErrorKind::CascadeTooDeep(chain)
        } else if self.inner.ledger.is_closed() && prepared.cause.is_none() {
            EmitErrorKind::ShutDown
        } else {
            return Ok(prepared);
        };
        telemetry::refused(E::NAME, kind.as_str());
        Err(EmitError::new(kind, prepared.envelope.payload))
    }

    pub(crate) fn enqueue<E: Event>(&self, prepared: Prepared<E>) -> Result<Admission, EmitError<E>> {
        let Prepared { envelope, cause, .. } = self.admissible(prepared)?;
        if !self.hops::<E>().is_empty() {
            return self.enqueue_routed(envelope, cause);
        }
        let queue = &self.inner.queue;
        let Some(place) = queue.reserve() else {
            telemetry::refused(E::NAME, "full");
            return Err(EmitError::new(EmitErrorKind::Full { capacity: queue.capacity() }, envelope.payload));
        };
        let span = telemetry::emit_span(E::NAME, "emit", &envelope.head);
        let emitted = match cause {
            Some(_) => self.admit_cascade::<E>(local::UNSETTLED, Verb::Emit, &span),
            None => match self.admit::<E>(local::UNSETTLED, Verb::Emit, &span) {
                Some(emitted) => emitted,
                None => {
                    telemetry::refused(E::NAME, "shut_down");
                    return Err(EmitError::new(EmitErrorKind::ShutDown, envelope.payload));
                }
            },
        };
        Ok(self.push(place, envelope, cause, emitted))
    }

    /// Queues what a listener emitted, now that it has succeeded; its cause is still under way, so
    /// `shutdown` waits for it too.
    pub(crate) fn enqueue_cascade<E: Event>(&self, prepared: Prepared<E>) {
        let Prepared { envelope, cause, .. } = prepared;
        let span = telemetry::emit_span(E::NAME, "emit", &envelope.head);
        if !self.hops::<E>().is_empty() {
            return self.enqueue_routed_cascade(envelope, cause, &span);
        }
        let emitted = self.admit_cascade::<E>(local::UNSETTLED, Verb::Cascade, &span);
        let _ = self.push(self.inner.queue.beyond_capacity(), envelope, cause, emitted);
    }

    fn push<E: Event>(
        &self,
        place: Reserved,
        envelope: crate::envelope::Envelope<E>,
        cause: Option<Cause>,
        emitted: Emitted,
    ) -> Admission {
        let listeners = self.plan::<E>().map_or(0, |plan| plan.listeners.len());
        let admission = Admission { event_id: envelope.event_id, listeners };
        self.inner.queue.push(place, self, envelope, cause, emitted, None, None);
        admission
    }
}

impl fmt::Debug for Emissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emissions")
            .field("source", &self.inner.source)
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
