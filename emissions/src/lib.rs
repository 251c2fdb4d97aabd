#![doc = include_str!("../README.md")]

#[doc(hidden)]
pub mod __private;
pub mod adapters;
mod budget;
mod buffer;
mod builder;
mod bulk;
mod bus;
mod counters;
mod ctx;
pub mod dead_letter;
mod dispatch;
mod emission;
pub mod envelope;
pub mod event;
mod event_id;
mod failure;
mod gate;
pub mod guide;
pub mod lint;
mod listener;
mod local;
pub mod naming;
mod permanent;
mod pipeline;
mod plan;
mod provide;
pub mod registry;
mod shutdown;
mod subscribe;
mod sync;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
pub mod tower;
pub mod wire;

pub use buffer::{
    Abandoned, Acked, AcknowledgeError, Buffer, BufferLimit, BufferedEmission, CommitError, Enqueued, Level,
    NotAcknowledged, Receipt, ScopeError, TryCommitError, Whereabouts, attach, commit, commit_acked, emission, emit,
    flush, start, terminate,
};
pub use builder::{Builder, StartError};
pub use bulk::BulkCollection;
pub use bus::Emissions;
pub use counters::Counters;
pub use ctx::{Ctx, SpawnedWorkFailed};
pub use emission::{Admission, Emission, EmitError, EmitErrorKind};
pub use emissions_macros::audited;
#[doc = include_str!("docs/event.md")]
pub use emissions_macros::event;
#[doc = include_str!("docs/listener.md")]
pub use emissions_macros::listener;
#[doc = include_str!("docs/on_event.md")]
pub use emissions_macros::on_event;
#[doc = include_str!("docs/shared_field.md")]
pub use emissions_macros::shared_field;
pub use envelope::{Envelope, EnvelopeHead, RawEnvelope};
pub use event::{Event, SharedField};
pub use failure::DeliveryFailure;
pub use gate::{CascadeChain, Gate, GateError, GateReport, Outcome, ParticipantReport, ShutGate, SkipReason};
pub use listener::{BoxError, ListenerOutput};
pub use local::EmitOverflow;
pub use permanent::Permanent;
pub use pipeline::{
    adapter::Adapter,
    capabilities::Capabilities,
    delivery::{Delivery, Settlement},
    ledger::AdapterCounters,
    options::{AdapterOptions, Overflow},
    redrive::{DeadLetters, RedriveReport},
    route::{RouteExplanation, RouteHop},
};
pub use registry::{Registry, Role, Violation, Violations};
pub use shutdown::{Deadline, EventsLost, ShutdownReport};
pub use subscribe::{LagPolicy, Lagged, Subscription, WaitError, WaitFor};
pub use uuid::Uuid;
