//! From settings to a running `Emissions`.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::{
    Emissions,
    budget::{self, Limits},
    buffer::{Abandonments, BufferLimits},
    bus::Inner,
    counters::Ledger,
    dead_letter::{DeadLetterStore, ErasedStore, MemoryDeadLetters},
    dispatch::contain::contain,
    envelope::uri::is_reference,
    failure::{DeliveryFailure, FailureSink},
    local::{EmitOverflow, LocalQueue},
    pipeline::{Pipeline, Registered, adapter::Adapter, options::AdapterOptions, route::Routes},
    plan::Ingredient,
    provide::{MissingDependency, Provisions, Resolver},
    registry::{NOWHERE, Registry, ViolationCode, Violations, order_of_listeners},
    subscribe::Subscriptions,
};

/// Settings of an [`Emissions`]; from [`Emissions::builder`].
#[must_use = "nothing is started until `start` is awaited"]
pub struct Builder {
    source: Option<String>,
    provisions: Provisions,
    queue_capacity: usize,
    workers: usize,
    buffer_limits: BufferLimits,
    overflow: EmitOverflow,
    limits: Limits,
    slow_after: Duration,
    warn_above: usize,
    cascade_limit: u16,
    on_failure: Option<FailureSink>,
    registry: Registry,
    adapters: Vec<Registered>,
    routes: Vec<(String, String)>,
    dead_letters: Option<Arc<dyn ErasedStore>>,
}

impl Emissions {
    /// Settings with their defaults.
    pub fn builder() -> Builder {
        Builder {
            source: None,
            provisions: Provisions::default(),
            queue_capacity: 1024,
            workers: 64,
            buffer_limits: BufferLimits::default(),
            overflow: EmitOverflow::default(),
            limits: Limits::default(),
            slow_after: Duration::from_secs(1),
            warn_above: 100,
            cascade_limit: 16,
            on_failure: None,
            registry: Registry::collect(),
            adapters: Vec::new(),
            routes: Vec::new(),
            dead_letters: None,
        }
    }
}

impl Builder {
    /// The service that emits: a URI reference, such as `/contacts`. `source` on the wire.
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Gives listeners a dependency: those with an argument `&T` get this value.
    pub fn provide<T: Send + Sync + 'static>(self, value: T) -> Self {
        self.provide_arc(Arc::new(value))
    }

    /// As [`provide`](Self::provide) for a value that is shared already, or a trait object:
    /// `provide_arc::<dyn JobQueue>(Arc::new(queue))` fills `&dyn JobQueue`.
    pub fn provide_arc<T: ?Sized + Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
        self.provisions.insert(value);
        self
    }

    /// How many events `emit` may have waiting; 1,024 unless set. See [`overflow`](Self::overflow) for a full one.
    pub fn queue_capacity(mut self, events: usize) -> Self {
        self.queue_capacity = events;
        self
    }

    /// What `emit` does with a full queue; it refuses the new event unless told otherwise.
    pub fn overflow(mut self, overflow: EmitOverflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// How many events `emit` may have running at once; 64 unless set.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// How many events one buffer may hold; 10,000 unless set, and never more than `queue_capacity`,
    /// since a commit hands all of them over at once. A further event is refused by its `emit`.
    pub fn buffer_events(mut self, events: usize) -> Self {
        self.buffer_limits.events = events;
        self
    }

    /// How many bytes the payloads of one buffer may have, written as JSON; not limited, and not
    /// measured, unless set. An event that would exceed it is refused by its `emit`.
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_limits.bytes = Some(bytes);
        self
    }

    /// Time limit of every attempt of a listener that has none of its own; none unless set.
    pub fn default_timeout(mut self, limit: Duration) -> Self {
        self.limits.timeout = Some(limit);
        self
    }

    /// Deadline of every `emit_async` that does not say [`within`](crate::Emission::within); none
    /// unless set. Retries of a listener that would not fit it are an error of `start`.
    pub fn default_within(mut self, limit: Duration) -> Self {
        self.limits.within = Some(limit);
        self
    }

    /// From when on a listener is reported as slow; 1 second unless set.
    pub fn slow_listener(mut self, after: Duration) -> Self {
        self.slow_after = after;
        self
    }

    /// How many subscriptions to one event are no reason to suspect a leak; 100 unless set.
    pub fn subscription_warning(mut self, above: usize) -> Self {
        self.warn_above = above.max(1);
        self
    }

    /// How deep listeners may emit events whose listeners emit events; 16 unless set.
    pub fn cascade_limit(mut self, depth: u16) -> Self {
        self.cascade_limit = depth;
        self
    }

    /// Called with every failure nobody waits for, besides the log; it must not block.
    pub fn on_failure(mut self, sink: impl Fn(&DeliveryFailure) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Arc::new(sink));
        self
    }

    /// Adds an adapter under a name, with [`AdapterOptions::default`]; routes lead there by that name.
    pub fn adapter(self, name: impl Into<String>, adapter: impl Adapter) -> Self {
        self.adapter_with(name, adapter, AdapterOptions::default())
    }

    /// As [`adapter`](Self::adapter), with options.
    pub fn adapter_with(mut self, name: impl Into<String>, adapter: impl Adapter, options: AdapterOptions) -> Self {
        self.adapters.push(Registered { name: name.into(), adapter: Arc::new(adapter), options });
        self
    }

    /// Sends every event whose name matches the pattern to an adapter (`*` is one segment, `**` any
    /// number of them). An event that several routes send to one adapter goes there once.
    pub fn route(mut self, pattern: impl Into<String>, adapter: impl Into<String>) -> Self {
        self.routes.push((pattern.into(), adapter.into()));
        self
    }

    /// Keeps events that adapters did not take; [`MemoryDeadLetters`] with room for 1,000 unless set.
    pub fn dead_letters(mut self, store: impl DeadLetterStore) -> Self {
        self.dead_letters = Some(Arc::new(store));
        self
    }

    /// Starts with what one module declares, and nothing else: for tests of one part of a program.
    /// `module` is what `module_path!()` gives there; see [`Registry::within`].
    #[cfg(feature = "testing")]
    pub fn within_module(mut self, module: &str) -> Self {
        self.registry = Registry::collect().within(module);
        self
    }

    /// Verifies everything, resolves every dependency and starts the workers.
    ///
    /// # Errors
    ///
    /// [`StartError::Violations`] with everything that is wrong, at once; [`StartError::NoRuntime`]
    /// outside of a tokio runtime, [`StartError::NoTimer`] inside one without timers.
    #[expect(clippy::unused_async, reason = "starting adapters will need it, and callers await already")]
    pub async fn start(self) -> Result<Emissions, StartError> {
        let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        // Asking for a timer where there is none panics, and there is no other way to ask.
        contain(|| drop(tokio::time::sleep(Duration::ZERO))).map_err(|_| StartError::NoTimer)?;
        let registry = &self.registry;
        let mut violations = registry.verify().err().unwrap_or_default();
        let source = self.check_settings(&mut violations);
        budget::check(registry.listeners(), self.limits, &mut violations);

        let mut missing = Vec::new();
        let mut plans: Vec<Box<dyn Any + Send + Sync>> = Vec::new();
        // One plan per position, also for events this value knows nothing of.
        for event in Registry::collect().events() {
            let known = registry.events().iter().any(|known| std::ptr::eq(*known, *event));
            let listeners: Vec<_> = if known { registry.listeners_of(event).collect() } else { Vec::new() };
            let (ordered, after) = order_of_listeners(&listeners);
            let ingredients = ordered.into_iter().zip(after).filter_map(|(descriptor, after)| {
                let bound = (descriptor.bind)(&mut Resolver::new(&self.provisions, descriptor, &mut missing))?;
                Some(Ingredient { descriptor, bound, after, default_timeout: self.limits.timeout })
            });
            plans.push((event.plan)(ingredients.collect()));
        }
        report_missing(missing, &mut violations);
        let routes = Routes::plan(&self.adapters, &self.routes, registry, &mut violations);
        violations.into_result().map_err(StartError::Violations)?;

        let stop = CancellationToken::new();
        let queue = LocalQueue::start(self.queue_capacity, self.workers, self.overflow, &runtime, stop.clone());
        let store = self.dead_letters.unwrap_or_else(|| Arc::new(MemoryDeadLetters::default()));
        let pipeline = Pipeline::start(self.adapters, routes, store, &runtime, &stop);
        let subscriptions = Subscriptions::new(plans.len(), self.warn_above);
        Ok(Emissions::new(Inner {
            source,
            registry: self.registry,
            plans: plans.into(),
            runtime,
            queue,
            pipeline,
            buffer_limits: self.buffer_limits.within(self.queue_capacity),
            abandoned: Abandonments::default(),
            on_failure: self.on_failure,
            cascade_limit: self.cascade_limit,
            ledger: Arc::new(Ledger::default()),
            subscriptions,
            default_within: self.limits.within,
            slow_after: self.slow_after,
            stop,
        }))
    }

    fn check_settings(&self, violations: &mut Violations) -> Arc<str> {
        let mut invalid = |fact: &str, fix: &str| {
            violations.add(ViolationCode::InvalidSetting, NOWHERE, fact.to_owned(), fix);
        };
        let source = self.source.as_deref().unwrap_or_default();
        if self.source.is_none() {
            invalid("the service has no source", "call `.source(\"/your-service\")` on the builder");
        } else if !is_reference(source) {
            invalid("the source is no URI reference (RFC 3986)", "write it without white space, such as `/contacts`");
        }
        if self.queue_capacity == 0 {
            invalid("the queue has no room for any event", "set `queue_capacity` to 1 or more");
        }
        if self.queue_capacity > tokio::sync::Semaphore::MAX_PERMITS {
            invalid("the queue is larger than can be counted", "set `queue_capacity` to a smaller number");
        }
        if self.buffer_limits.events == 0 || self.buffer_limits.bytes == Some(0) {
            invalid("a buffer has no room for any event", "set `buffer_events` and `buffer_bytes` to 1 or more");
        }
        if self.workers == 0 || self.workers > tokio::sync::Semaphore::MAX_PERMITS {
            invalid("no worker would ever empty the queue", "set `workers` to 1 or more");
        }
        for type_name in &self.provisions.repeated {
            violations.add(
                ViolationCode::RepeatedDependency,
                NOWHERE,
                format!("`{type_name}` was provided more than once"),
                "provide it once; two values of one type want two newtypes",
            );
        }
        source.into()
    }
}

fn report_missing(missing: Vec<MissingDependency>, violations: &mut Violations) {
    for MissingDependency { listener, type_name, unsized_type } in missing {
        let fix = if unsized_type {
            format!("call `.provide_arc::<{type_name}>(Arc::new(…))` on the builder")
        } else {
            format!("call `.provide(…)` with a `{type_name}` on the builder")
        };
        violations.add(
            ViolationCode::MissingDependency,
            [listener.location],
            format!("`{}` needs `&{type_name}`, which nobody provided", listener.id()),
            fix,
        );
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("source", &self.source).finish_non_exhaustive()
    }
}

/// Why nothing was started: no [`Emissions`] by [`Builder::start`], or no buffer by
/// [`start`](crate::start()).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Everything that is wrong with events, listeners and settings.
    #[error("the emissions were not started: {0}")]
    Violations(Violations),
    /// `Builder::start` was not awaited inside a tokio runtime.
    #[error("the emissions were not started: there is no tokio runtime; await `start` inside one")]
    NoRuntime,
    /// The scope has an open buffer.
    #[error("no buffer was started: the scope has one already; for a savepoint, nest `emissions.scope(…)`")]
    AlreadyStarted,
    /// There is no scope whose buffer it could be.
    #[error(
        "no buffer was started: there is no scope here; write `emissions.scope(…)` around it, or `attach` the task"
    )]
    NoScope,
    /// The tokio runtime has no timers.
    #[error("the emissions were not started: the tokio runtime has no timers; build it with `enable_time`")]
    NoTimer,
}

impl StartError {
    /// Everything that is wrong, if that is the reason.
    pub fn violations(&self) -> Option<&Violations> {
        match self {
            Self::Violations(violations) => Some(violations),
            Self::NoRuntime | Self::NoTimer | Self::AlreadyStarted | Self::NoScope => None,
        }
    }
}
