//! Listening for a time: a stream of events, or a wait for one.
//!
//! For tests, tools and requests that wait for their own echo. A subscription is no participant: it
//! never holds a gate, it is not in a report, and an event that only subscriptions saw is unheard.

mod hub;
mod inbox;
mod wait;

use std::{
    any::Any,
    fmt,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::stream::Stream;

use self::{
    hub::{Registration, Watcher},
    inbox::{Inbox, Pushed},
};
use crate::{Emissions, dispatch::contain::drop_contained, envelope::Envelope, event::Event, telemetry};

pub(crate) use self::hub::Subscriptions;
pub use self::{
    inbox::LagPolicy,
    wait::{WaitError, WaitFor},
};

/// Events a subscription keeps for its reader, unless told otherwise.
const CAPACITY: usize = 256;

impl Emissions {
    /// A stream of the events of one type, from now until it is dropped.
    ///
    /// An event is shown when its listeners are started, whether or not they succeed; events come in
    /// the order in which they were started. A stream that is not read keeps
    /// [`capacity`](Subscription::capacity) events and then follows its [`LagPolicy`]. It ends when the emissions are
    /// shut down or the last handle to them is dropped.
    ///
    /// Work that has to be done belongs into a listener: nobody notices when a stream isn't read.
    ///
    /// ```standalone_crate
    /// # use emissions::{event, on_event, Emissions};
    /// /// An order was placed.
    /// #[event(name = "order.placed")]
    /// struct OrderPlaced {
    ///     /// Order that was placed.
    ///     order_id: String,
    /// }
    /// # #[on_event] async fn count(_event: &OrderPlaced) {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emissions = Emissions::builder().source("/orders").start().await?;
    /// let mut orders = emissions.subscribe::<OrderPlaced>().capacity(16);
    /// let gate = emissions.emit_async(OrderPlaced { order_id: "7".into() }).await?;
    /// match orders.next().await {
    ///     Some(Ok(envelope)) => assert_eq!(envelope.event_id, gate.event_id()),
    ///     Some(Err(lagged)) => panic!("{lagged}"),
    ///     None => panic!("shut down"),
    /// }
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn subscribe<E: Event>(&self) -> Subscription<E> {
        let place = Location::caller();
        let inbox = Arc::new(Inbox::new(CAPACITY));
        let registration = self.subscriptions().register::<E>(Arc::clone(&inbox) as Arc<dyn Watcher>, place);
        Subscription { inbox, registration, place }
    }
}

impl<E: Event> Watcher for Inbox<Arc<Envelope<E>>> {
    fn show(&self, envelope: Arc<dyn Any + Send + Sync>) {
        if let Ok(envelope) = envelope.downcast::<Envelope<E>>()
            && let Pushed::Lost(envelope) = self.push(envelope)
        {
            telemetry::lagged(E::NAME);
            drop_contained(envelope);
        }
    }

    fn close(&self) {
        Inbox::close(self);
    }
}

/// The events of one type, as a stream; from [`Emissions::subscribe`]. Dropping it ends the watch.
#[must_use = "a subscription ends when it is dropped"]
pub struct Subscription<E: Event> {
    inbox: Arc<Inbox<Arc<Envelope<E>>>>,
    registration: Option<Registration>,
    place: &'static Location<'static>,
}

impl<E: Event> Subscription<E> {
    /// How many events are kept for a reader that is busy; 256 unless set, and never less than 1.
    pub fn capacity(self, events: usize) -> Self {
        self.inbox.set_capacity(events);
        self
    }

    /// What happens when more events come than are kept.
    pub fn on_lag(self, policy: LagPolicy) -> Self {
        self.inbox.set_policy(policy);
        self
    }

    /// Where it was made.
    pub fn place(&self) -> &'static Location<'static> {
        self.place
    }

    /// The next event, or how many are missing; nothing once the emissions are shut down.
    ///
    /// # Errors
    ///
    /// [`Lagged`], in the place of the events that are missing.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<Arc<Envelope<E>>, Lagged>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Arc<Envelope<E>>, Lagged>>> {
        self.inbox.poll_next(cx).map(|next| next.map(|item| item.map_err(|missed| Lagged { missed })))
    }
}

impl<E: Event> Stream for Subscription<E> {
    type Item = Result<Arc<Envelope<E>>, Lagged>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }
}

impl<E: Event> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("event", &E::NAME)
            .field("place", &format_args!("{}", self.place))
            .field("on", &self.registration.is_some())
            .finish_non_exhaustive()
    }
}

/// Events are missing from a stream, because it was not read in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the subscription missed {missed} events")]
pub struct Lagged {
    missed: u64,
}

impl Lagged {
    /// How many; at least 1.
    pub fn missed(self) -> u64 {
        self.missed
    }
}
