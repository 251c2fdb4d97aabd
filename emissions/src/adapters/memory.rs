//! The reference adapter.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    envelope::RawEnvelope,
    pipeline::{
        adapter::Adapter,
        capabilities::Capabilities,
        delivery::{Delivery, Settlement},
    },
};

/// Keeps events in memory: the reference adapter, and the one for tests.
///
/// A clone is the same memory, so one goes to `Builder::adapter` and the other reads. An event that
/// is delivered twice is kept once.
///
/// ```standalone_crate
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use emissions::{adapters::Memory, event, Emissions};
///
/// /// A page was read.
/// #[event(name = "page.read")]
/// struct PageRead {
///     /// Address of the page.
///     page_url: String,
/// }
///
/// let memory = Memory::new();
/// let emissions = Emissions::builder()
///     .source("/pages")
///     .adapter("audit", memory.clone())
///     .route("page.**", "audit")
///     .start()
///     .await?;
/// emissions.emit(PageRead { page_url: "/start".to_owned() })?;
/// assert_eq!(memory.wait_for(1).await[0].event_type, "page.read");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Memory {
    shared: Arc<Shared>,
}

struct Shared {
    kept: Mutex<Kept>,
    capacity: usize,
    arrived: Notify,
}

#[derive(Default)]
struct Kept {
    events: Vec<RawEnvelope>,
    ids: HashSet<Uuid>,
}

impl Memory {
    /// Keeps everything until it is taken.
    pub fn new() -> Self {
        Self::bounded(usize::MAX)
    }

    /// Keeps so many events; further ones fail for now.
    pub fn bounded(capacity: usize) -> Self {
        Self { shared: Arc::new(Shared { kept: Mutex::default(), capacity, arrived: Notify::new() }) }
    }

    /// What has been delivered and not taken, in the order in which it came.
    pub fn events(&self) -> Vec<RawEnvelope> {
        self.lock().events.clone()
    }

    /// Takes out what has been delivered, and forgets it: a duplicate that comes later is kept again.
    pub fn take(&self) -> Vec<RawEnvelope> {
        std::mem::take(&mut *self.lock()).events
    }

    /// How many events have been delivered and not taken.
    pub fn len(&self) -> usize {
        self.lock().events.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until there are at least so many events.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    pub async fn wait_for(&self, events: usize) -> Vec<RawEnvelope> {
        loop {
            let arrived = self.shared.arrived.notified();
            tokio::pin!(arrived);
            // Armed before the check, or the last event could arrive in between.
            arrived.as_mut().enable();
            if self.len() >= events {
                return self.events();
            }
            arrived.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Adapter for Memory {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default().ordered().dedupe().headers()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let mut kept = self.lock();
        let capacity = self.shared.capacity;
        let delivery = batch
            .iter()
            .map(|event| {
                if kept.ids.contains(&event.event_id) {
                    return Settlement::Acked;
                }
                if kept.events.len() >= capacity {
                    return Settlement::retry(format!("the memory is full with {capacity} events"));
                }
                kept.ids.insert(event.event_id);
                kept.events.push(event.clone());
                Settlement::Acked
            })
            .collect();
        drop(kept);
        self.shared.arrived.notify_waiters();
        delivery
    }
}
