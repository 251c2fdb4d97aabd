//! The shop on a port of its own, with two handlers that end badly and a record of what is delivered.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    panic::resume_unwind,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, extract::Path, routing::post};
use emissions::{Builder, Counters, Emissions, on_event};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
};

use super::axum_orders::{
    app,
    events::{OrderPlaced, StockReserved},
    shop::Shop,
};

/// What the listeners have seen, by order: reservations and placements.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Vec<[u8; 2]>>);

/// How a ledger differs from what it should be, in events.
#[derive(Default)]
pub(crate) struct Fates {
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    /// Delivered for a request that failed.
    pub(crate) ghosts: u64,
}

impl Ledger {
    pub(crate) fn count(&self, order_id: u64, which: usize) {
        let index = usize::try_from(order_id).expect("orders are counted from 1");
        let mut orders = self.orders();
        if orders.len() <= index {
            orders.resize(index + 1, [0; 2]);
        }
        orders[index][which] = orders[index][which].saturating_add(1);
    }

    /// Compares it with the orders that were taken, each of which has two events.
    pub(crate) fn against(&self, taken: &BTreeSet<u64>) -> Fates {
        let mut fates = Fates::default();
        let orders = self.orders();
        for order_id in (0..).take(orders.len()).chain(taken.iter().copied().filter(|id| *id >= orders.len() as u64)) {
            let index = usize::try_from(order_id).expect("orders are counted from 1");
            for count in orders.get(index).copied().unwrap_or_default() {
                match (taken.contains(&order_id), u64::from(count)) {
                    (true, 0) => fates.lost += 1,
                    (true, count) => fates.doubled += count - 1,
                    (false, count) => fates.ghosts += count,
                }
            }
        }
        fates
    }

    pub(crate) fn orders(&self) -> MutexGuard<'_, Vec<[u8; 2]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The orders of which anything was delivered; each of their two events must have been, once.
    pub(crate) fn delivered(&self) -> Vec<u64> {
        let orders = self.orders();
        let touched = (0_u64..).zip(orders.iter()).filter(|(_, counts)| **counts != [0; 2]);
        touched
            .map(|(order_id, counts)| {
                assert_eq!(*counts, [1, 1], "order {order_id}: reservations and placements delivered");
                order_id
            })
            .collect()
    }
}

/// Where listeners wait until a test lets them through.
pub(crate) struct Door(pub(crate) Semaphore);

#[on_event]
async fn record_reservation(event: &StockReserved, ledger: &Ledger, door: &Door) {
    // Closed is open: nobody waits any more.
    if let Ok(permit) = door.0.acquire().await {
        permit.forget();
    }
    ledger.count(event.reserved_order_id, 0);
}

#[on_event]
async fn record_placement(event: &OrderPlaced, ledger: &Ledger) {
    ledger.count(event.placed_order_id, 1);
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) emissions: Emissions,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) door: Arc<Door>,
    pub(crate) slow: Arc<Slow>,
}

/// Who wants to hear of a handler of `/slow`, by order.
#[derive(Default)]
pub(crate) struct Slow(Mutex<BTreeMap<u64, (oneshot::Sender<()>, Gone)>>);

/// Says so when it is dropped.
struct Gone(Option<oneshot::Sender<()>>);

impl Drop for Gone {
    fn drop(&mut self) {
        if let Some(says) = self.0.take() {
            // Who does not listen any more does not care.
            let _ = says.send(());
        }
    }
}

impl Slow {
    /// Signals that the handler of this order has emitted, and that it is gone.
    pub(crate) fn expect(&self, order_id: u64) -> (oneshot::Receiver<()>, oneshot::Receiver<()>) {
        let ((says_emitted, emitted), (says_gone, gone)) = (oneshot::channel(), oneshot::channel());
        let expected = (says_emitted, Gone(Some(says_gone)));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(order_id, expected);
        (emitted, gone)
    }

    /// Emits, says so, and never responds.
    async fn handle(&self, order_id: u64) {
        let expected = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&order_id);
        let (says_emitted, _gone) = expected.expect("the test expects the order");
        emit_reservation(order_id);
        let _ = says_emitted.send(());
        std::future::pending::<()>().await;
    }
}

impl Server {
    /// A shop whose listeners stand still until the door opens.
    pub(crate) async fn start(settings: impl FnOnce(Builder) -> Builder, patience: Duration) -> Self {
        let (shop, ledger) = (Arc::new(Shop::default()), Arc::new(Ledger::default()));
        let door = Arc::new(Door(Semaphore::new(0)));
        let builder = app::settings(&shop).provide_arc(Arc::clone(&ledger)).provide_arc(Arc::clone(&door));
        let emissions = settings(builder).start().await.expect("everything is provided");

        let slow = Arc::new(Slow::default());
        let handler = Arc::clone(&slow);
        let routes = app::routes(&emissions)
            .route("/panic/{order}", post(panic))
            .route("/slow/{order}", post(async move |Path(order_id): Path<u64>| handler.handle(order_id).await));
        let routes: Router = app::with_buffers(routes, &emissions, patience).with_state(shop);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, emissions, ledger, door, slow }
    }

    /// Lets every listener through.
    pub(crate) fn open_the_door(&self) {
        self.door.0.close();
    }

    /// Lets everything settle, and checks that every event is accounted for.
    pub(crate) async fn settle(&self) -> Counters {
        // A handler's events are dropped right after the handler, which is all a test can wait for.
        let closed = async {
            while self.emissions.counters().buffered > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), closed).await.expect("no request is under way");
        let _ = self.emissions.shutdown(Duration::from_secs(30)).await;
        let counters = self.emissions.counters();
        assert_eq!((counters.buffered, counters.in_flight), (0, 0), "{counters:?}");
        assert_eq!(counters.emitted, counters.delivered + counters.failed + counters.dropped(), "{counters:?}");
        counters
    }
}

fn emit_reservation(order_id: u64) {
    emissions::emit(StockReserved { reserved_order_id: order_id, reserved_pieces: 1 }).expect("a buffer is open");
}

async fn panic(Path(order_id): Path<u64>) {
    emit_reservation(order_id);
    // A panic like any other, but for the message on the terminal, which a load of them would fill.
    resume_unwind(Box::new("the handler panics"));
}
