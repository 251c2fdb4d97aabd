//! The contract between the pipeline and what carries events away.

use std::{future::Future, pin::Pin, sync::Arc};

use super::{capabilities::Capabilities, delivery::Delivery};
use crate::envelope::RawEnvelope;

/// Carries events out of the process: to a file, a broker, another service.
///
/// Given to `Builder::adapter` under a name, and chosen by `Builder::route`. The pipeline has one
/// bounded queue and one task per adapter, so one that is slow or broken never holds up another.
///
/// - **Calls** come one at a time, from the adapter's own task. A batch is never empty, and never
///   larger than the options of the adapter and [`Capabilities::max_bytes`] allow.
/// - **Settlement**: the [`Delivery`] has one settlement per event of the batch, in its order.
///   Acknowledge an event only when the other side has it: a gate opens on your word.
/// - **Order**: events of one partition key come in the order in which they were emitted. An
///   adapter that says [`ordered`](Capabilities::ordered) may get several events of one key in one
///   batch; if it can't take one of them it must not take a later one of that key either. An
///   adapter that does not say so gets at most one event per key in a batch.
/// - **Duplicates**: an event whose acknowledgement was lost comes again, under the same
///   `event_id`: delivery is at least once.
/// - **Time**: a call that takes longer than the adapter's timeout is dropped, and its events count
///   as failed for now. A panic is treated likewise. Both may then come again.
///
/// ```
/// use emissions::{Adapter, Capabilities, Delivery, RawEnvelope, Settlement};
///
/// /// Takes everything but an event that is too old.
/// struct Archive;
///
/// impl Adapter for Archive {
///     fn capabilities(&self) -> Capabilities {
///         Capabilities::default().durable()
///     }
///
///     async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
///         let settle = |event: &RawEnvelope| {
///             if event.event_version == 0 { Settlement::refused("no such version") } else { Settlement::Acked }
///         };
///         batch.iter().map(settle).collect()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an adapter",
    label = "an adapter is expected here",
    note = "implement `emissions::Adapter` for it, or take one from `emissions::adapters`"
)]
pub trait Adapter: Send + Sync + 'static {
    /// What this adapter can promise; read once, at start.
    fn capabilities(&self) -> Capabilities;

    /// Carries a batch away, and settles each of its events by itself.
    ///
    /// # Cancellation
    ///
    /// The future is dropped at the adapter's timeout and at the deadline of a shutdown; whatever
    /// has happened by then, the events count as not delivered.
    fn deliver(&self, batch: &[RawEnvelope]) -> impl Future<Output = Delivery> + Send;
}

impl<T: Adapter> Adapter for Arc<T> {
    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn deliver(&self, batch: &[RawEnvelope]) -> impl Future<Output = Delivery> + Send {
        (**self).deliver(batch)
    }
}

/// An adapter of any type.
pub(crate) trait ErasedAdapter: Send + Sync {
    fn capabilities(&self) -> Capabilities;
    fn deliver<'a>(&'a self, batch: &'a [RawEnvelope]) -> Pin<Box<dyn Future<Output = Delivery> + Send + 'a>>;
}

impl<A: Adapter> ErasedAdapter for A {
    fn capabilities(&self) -> Capabilities {
        Adapter::capabilities(self)
    }

    fn deliver<'a>(&'a self, batch: &'a [RawEnvelope]) -> Pin<Box<dyn Future<Output = Delivery> + Send + 'a>> {
        Box::pin(Adapter::deliver(self, batch))
    }
}
