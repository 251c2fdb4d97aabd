//! Typed events and their listeners.

#[doc(hidden)]
pub mod __private;
mod bulk;
pub mod envelope;
pub mod event;
mod plan;
pub mod wire;

pub use bulk::BulkCollection;
pub use emissions_macros::event;
pub use envelope::{Envelope, EnvelopeHead, RawEnvelope};
pub use event::{Event, SharedField};
pub use uuid::Uuid;
