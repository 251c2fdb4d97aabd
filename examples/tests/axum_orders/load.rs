//! 200 concurrent clients: not one event lost, delivered twice, or delivered for a failed request; not
//! to the listeners, and to neither of two adapters, of which one is slow.
//!
//! Five seconds; `EMISSIONS_LOAD_SECONDS` makes it another number, of at most 120.

use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use emissions::{Adapter, AdapterOptions, Capabilities, Delivery, RawEnvelope};

use super::{
    axum_orders::events::{OrderPlaced, StockReserved},
    client::Client,
    server::{Ledger, Server, Slow},
};

const CLIENTS: u64 = 200;

/// Orders of requests that end badly have numbers far from those the shop gives, each used once.
const DOOMED: u64 = 10_000_000;

/// Enters every event into a book of its own, at its own pace.
struct Bookkeeper {
    ledger: Arc<Ledger>,
    per_batch: Duration,
}

impl Adapter for Bookkeeper {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        if !self.per_batch.is_zero() {
            tokio::time::sleep(self.per_batch).await;
        }
        for event in batch {
            if let Ok(event) = event.decode::<StockReserved>() {
                self.ledger.count(event.payload.reserved_order_id, 0);
            } else {
                let event = event.decode::<OrderPlaced>().expect("there are two events");
                self.ledger.count(event.payload.placed_order_id, 1);
            }
        }
        Delivery::acked(batch)
    }
}

/// What one client has seen.
#[derive(Default)]
struct Seen {
    taken: Vec<u64>,
    requests: u64,
    refused: u64,
    panicked: u64,
    left: u64,
    unavailable: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients() {
    let seconds = std::env::var("EMISSIONS_LOAD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5_u64);
    // Small queues, so that commits wait for room all the time.
    let (quick, slow_one) = (Arc::new(Ledger::default()), Arc::new(Ledger::default()));
    let options = AdapterOptions::default().capacity(64, 1 << 20).batch(16, 1 << 20);
    let settings = |builder: emissions::Builder| {
        let keeper = |ledger: &Arc<Ledger>, per_batch| Bookkeeper { ledger: Arc::clone(ledger), per_batch };
        builder
            .queue_capacity(64)
            .workers(8)
            .adapter_with("quick", keeper(&quick, Duration::ZERO), options)
            .adapter_with("slow", keeper(&slow_one, Duration::from_millis(2)), options)
            .route("**", "quick")
            .route("**", "slow")
    };
    let server = Server::start(settings, Duration::from_secs(30)).await;
    server.open_the_door();
    let (address, slow, started) = (server.address, Arc::clone(&server.slow), Instant::now());
    let until = started + Duration::from_secs(seconds.clamp(1, 120));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(order_until(until, address, Arc::clone(&slow), DOOMED * (number + 1))))
        .collect();
    let mut all = Seen::default();
    for client in clients {
        let seen = client.await.expect("clients don't panic").expect("loopback works");
        all.taken.extend(seen.taken);
        all.requests += seen.requests;
        all.refused += seen.refused;
        all.panicked += seen.panicked;
        all.left += seen.left;
        all.unavailable += seen.unavailable;
    }
    let elapsed = started.elapsed();
    let counters = server.settle().await;

    let taken: BTreeSet<u64> = all.taken.iter().copied().collect();
    assert_eq!(taken.len(), all.taken.len(), "the shop gave a number twice");
    let (mut lost, mut doubled, mut ghosts) = (0, 0, 0);
    for ledger in [&server.ledger, &quick, &slow_one] {
        let fates = ledger.against(&taken);
        (lost, doubled, ghosts) = (lost + fates.lost, doubled + fates.doubled, ghosts + fates.ghosts);
    }
    assert_eq!(counters.delivered, 2 * taken.len() as u64);
    assert_eq!(counters.dropped_full, 2 * all.unavailable);
    assert_eq!(counters.dropped_terminated, all.refused);
    assert_eq!(counters.dropped_abandoned, all.panicked + all.left);
    assert!(all.refused > 0 && all.panicked > 0 && all.left > 0, "every ending took part");
    let peak = peak_memory_kib();
    println!(
        "{} requests in {elapsed:.1?} ({} orders, {} refused, {} panicked, {} clients left, {} times 503), \
         {} events delivered to listeners and two adapters: {lost} lost, {doubled} doubled, {ghosts} of failed requests; \
         peak memory {} MiB for server and clients",
        all.requests,
        taken.len(),
        all.refused,
        all.panicked,
        all.left,
        all.unavailable,
        counters.delivered,
        peak / 1024,
    );
    assert_eq!((lost, doubled, ghosts), (0, 0, 0));
    assert!(peak < 512 * 1024, "memory is bounded: {peak} KiB");
}

/// Orders until the time is up, one request after the other on one connection while it lasts.
async fn order_until(until: Instant, address: SocketAddr, slow: Arc<Slow>, mut doomed: u64) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut client = Client::connect(address).await?;
    while Instant::now() < until {
        seen.requests += 1;
        let reply = match seen.requests % 20 {
            7 => {
                doomed += 1;
                client.send("POST", &format!("/panic/{doomed}"), "text/plain", "").await?;
                assert!(client.receive().await.is_err(), "a handler that panics does not respond");
                seen.panicked += 1;
                client = Client::connect(address).await?;
                continue;
            }
            13 => {
                doomed += 1;
                let (emitted, gone) = slow.expect(doomed);
                client.send("POST", &format!("/slow/{doomed}"), "text/plain", "").await?;
                emitted.await.expect("the handler emits");
                drop(client);
                gone.await.expect("the handler is dropped");
                seen.left += 1;
                client = Client::connect(address).await?;
                continue;
            }
            3 | 17 => client.order("Ada", 100).await?,
            0..5 => client.order_by_form("Grace", 2).await?,
            _ => client.order("Ada", 1).await?,
        };
        match reply.status {
            201 | 303 => seen.taken.push(reply.order_id().expect("a success has a number")),
            422 => seen.refused += 1,
            503 => seen.unavailable += 1,
            status => panic!("{status}: {}", reply.body),
        }
    }
    Ok(seen)
}

/// The most memory the process has ever used, as Linux counts it.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
