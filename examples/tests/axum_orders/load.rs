//! 200 concurrent clients: not one event lost, delivered twice, or delivered for a failed request.
//!
//! Five seconds; `EMISSIONS_LOAD_SECONDS` makes it another number, of at most 120.

use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    client::Client,
    server::{Server, Slow},
};

const CLIENTS: u64 = 200;

/// Orders of requests that end badly have numbers far from those the shop gives, each used once.
const DOOMED: u64 = 10_000_000;

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
    // A small queue, so that commits wait for room all the time.
    let server = Server::start(|builder| builder.queue_capacity(64).workers(8), Duration::from_secs(30)).await;
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
    let delivered: BTreeSet<u64> = server.ledger.delivered().into_iter().collect();
    let lost: Vec<_> = taken.difference(&delivered).collect();
    let ghosts: Vec<_> = delivered.difference(&taken).collect();
    assert!(lost.is_empty() && ghosts.is_empty(), "lost {lost:?}, delivered for failed requests {ghosts:?}");
    assert_eq!(counters.delivered, 2 * taken.len() as u64);
    assert_eq!(counters.dropped_full, 2 * all.unavailable);
    assert_eq!(counters.dropped_terminated, all.refused);
    assert_eq!(counters.dropped_abandoned, all.panicked + all.left);
    assert!(all.refused > 0 && all.panicked > 0 && all.left > 0, "every ending took part");
    let peak = peak_memory_kib();
    println!(
        "{} requests in {elapsed:.1?} ({} orders, {} refused, {} panicked, {} clients left, {} times 503), \
         {} events delivered, peak memory {} MiB for server and clients",
        all.requests,
        taken.len(),
        all.refused,
        all.panicked,
        all.left,
        all.unavailable,
        counters.delivered,
        peak / 1024,
    );
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
