//! Waiting for one event.

use std::{any::Any, fmt, marker::PhantomData, panic::Location, pin::pin, sync::Arc, time::Duration};

use futures_util::future::{Either, select};
use tokio::{runtime::Handle, sync::oneshot, time::Instant};

use super::hub::{Registration, Watcher};
use crate::{
    Emissions,
    dispatch::{
        contain::{contain, drop_contained},
        policy::sleep_until,
    },
    envelope::Envelope,
    event::Event,
    sync::{Mutex, PoisonError},
};

impl Emissions {
    /// Waits for the first event, from this call on, for which the predicate holds.
    ///
    /// The predicate runs where the event is emitted, so it should be quick; if it panics, the wait
    /// is over. The wait has a deadline, always: [`WaitFor::within`] makes it a future.
    ///
    /// ```standalone_crate
    /// # use emissions::{event, on_event, Emissions};
    /// # use std::time::Duration;
    /// /// A shipment arrived.
    /// #[event(name = "shipment.arrived")]
    /// struct ShipmentArrived {
    ///     /// Shipment that arrived.
    ///     shipment_id: String,
    /// }
    /// # #[on_event] async fn count(_event: &ShipmentArrived) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emissions = Emissions::builder().source("/shipments").start().await?;
    /// let arrival = emissions.wait_for::<ShipmentArrived>(|event| event.shipment_id == "7");
    /// let _ = emissions.emit(ShipmentArrived { shipment_id: "7".into() })?;
    /// let envelope = arrival.within(Duration::from_secs(5)).await?;
    /// assert_eq!(envelope.payload.shipment_id, "7");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn wait_for<E: Event>(&self, predicate: impl Fn(&E) -> bool + Send + Sync + 'static) -> WaitFor<E> {
        let place = Location::caller();
        let (sender, found) = oneshot::channel();
        let waiter = Waiter { predicate, found: Mutex::new(Some(sender)), event: PhantomData };
        let registration = self.subscriptions().register::<E>(Arc::new(waiter), place);
        WaitFor { found, registration, runtime: self.runtime().clone(), place }
    }
}

type Found<E> = Result<Arc<Envelope<E>>, String>;

struct Waiter<E: Event, P> {
    predicate: P,
    found: Mutex<Option<oneshot::Sender<Found<E>>>>,
    event: PhantomData<fn(&E)>,
}

impl<E: Event, P> Waiter<E, P> {
    fn tell(&self, found: Option<Found<E>>) {
        let sender = self.found.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(sender), Some(found)) = (sender, found) {
            // The wait may be over.
            drop_contained(sender.send(found));
        }
    }
}

impl<E: Event, P: Fn(&E) -> bool + Send + Sync> Watcher for Waiter<E, P> {
    fn show(&self, envelope: Arc<dyn Any + Send + Sync>) {
        if self.found.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return;
        }
        let Ok(envelope) = envelope.downcast::<Envelope<E>>() else { return };
        match contain(|| (self.predicate)(&envelope.payload)) {
            Ok(true) => self.tell(Some(Ok(envelope))),
            Ok(false) => drop_contained(envelope),
            Err(panic) => self.tell(Some(Err(panic))),
        }
    }

    fn close(&self) {
        self.tell(None);
    }
}

/// A wait that needs a deadline; from [`Emissions::wait_for`]. Dropping it ends the wait.
#[must_use = "nobody waits until `within` is awaited"]
pub struct WaitFor<E: Event> {
    found: oneshot::Receiver<Found<E>>,
    registration: Option<Registration>,
    runtime: Handle,
    place: &'static Location<'static>,
}

impl<E: Event> WaitFor<E> {
    /// Waits no longer than this, from now on.
    ///
    /// # Errors
    ///
    /// [`WaitError`]: the time is over, the emissions are shut down, or the predicate panicked.
    #[must_use = "nobody waits until the future is awaited"]
    pub fn within(self, limit: Duration) -> impl Future<Output = Result<Arc<Envelope<E>>, WaitError>> + Send + use<E> {
        let Self { found, registration, runtime, place } = self;
        let deadline = Instant::now().checked_add(limit);
        async move {
            let _registration = registration;
            let found = match deadline {
                None => found.await,
                Some(deadline) => {
                    let timer = pin!(sleep_until(&runtime, deadline));
                    match select(found, timer).await {
                        Either::Left((found, _)) => found,
                        Either::Right(_) => return Err(WaitError::DeadlinePassed { event: E::NAME, limit, place }),
                    }
                }
            };
            match found {
                Ok(Ok(envelope)) => Ok(envelope),
                Ok(Err(message)) => Err(WaitError::PredicatePanicked { event: E::NAME, message, place }),
                Err(_) => Err(WaitError::ShutDown { event: E::NAME, place }),
            }
        }
    }
}

impl<E: Event> fmt::Debug for WaitFor<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor")
            .field("event", &E::NAME)
            .field("place", &format_args!("{}", self.place))
            .finish_non_exhaustive()
    }
}

/// Why a wait ended without the event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// No such event came in time.
    #[error("no {event} for which the predicate holds came within {limit:?}; waited for at {place}")]
    DeadlinePassed {
        /// Name of the event.
        event: &'static str,
        /// How long the wait was.
        limit: Duration,
        /// Where `wait_for` was called.
        place: &'static Location<'static>,
    },
    /// The emissions were shut down.
    #[error("the emissions were shut down before a {event} came; waited for at {place}")]
    ShutDown {
        /// Name of the event.
        event: &'static str,
        /// Where `wait_for` was called.
        place: &'static Location<'static>,
    },
    /// The predicate panicked.
    #[error("the predicate over {event} panicked: {message}; waited for at {place}")]
    PredicatePanicked {
        /// Name of the event.
        event: &'static str,
        /// The panic's text.
        message: String,
        /// Where `wait_for` was called.
        place: &'static Location<'static>,
    },
}
