//! One test per ending of a request.

use std::time::Duration;

use super::{client::Client, server::Server};

const PATIENCE: Duration = Duration::from_secs(30);

async fn open() -> (Server, Client) {
    let server = Server::start(|builder| builder, PATIENCE).await;
    server.open_the_door();
    let client = Client::connect(server.address).await.expect("the server listens");
    (server, client)
}

#[tokio::test]
async fn success() {
    let (server, mut client) = open().await;
    let reply = client.order("Ada", 3).await.unwrap();
    assert_eq!((reply.status, reply.order_id()), (201, Some(1)));
    // The answer to a form is a redirect, and a success.
    let reply = client.order_by_form("Grace", 2).await.unwrap();
    assert_eq!((reply.status, reply.order_id()), (303, Some(2)));
    let counters = server.settle().await;
    assert_eq!(server.ledger.delivered(), [1, 2]);
    assert_eq!((counters.emitted, counters.delivered), (4, 4));
}

#[tokio::test]
async fn client_error() {
    let (server, mut client) = open().await;
    let reply = client.order("Ada", 0).await.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (422, "order 1 to 99 pieces\n"));
    assert_eq!(client.order_by_form("Ada", 100).await.unwrap().status, 422);
    assert_eq!(client.get("/nothing").await.unwrap().status, 404);
    let counters = server.settle().await;
    assert!(server.ledger.delivered().is_empty(), "the reservations vanished with their requests");
    assert_eq!((counters.emitted, counters.dropped_terminated), (2, 2));
}

#[tokio::test]
async fn panic() {
    let (server, mut client) = open().await;
    client.send("POST", "/panic/7", "text/plain", "").await.unwrap();
    assert!(client.receive().await.is_err(), "the connection ends without a response");
    let mut another = Client::connect(server.address).await.unwrap();
    assert_eq!(another.order("Ada", 1).await.unwrap().status, 201, "the server goes on");
    let counters = server.settle().await;
    assert_eq!(server.ledger.delivered(), [1]);
    assert_eq!(counters.dropped_abandoned, 1);
    let abandoned = server.emissions.abandoned();
    assert!(abandoned[0].started_at.file().ends_with("app.rs"), "{}", abandoned[0]);
}

#[tokio::test]
async fn client_disconnect() {
    let (server, mut client) = open().await;
    let (emitted, gone) = server.slow.expect(7);
    client.send("POST", "/slow/7", "text/plain", "").await.unwrap();
    emitted.await.unwrap();
    assert_eq!(server.emissions.counters().buffered, 1);
    drop(client);
    gone.await.unwrap();
    let counters = server.settle().await;
    assert!(server.ledger.delivered().is_empty());
    assert_eq!(counters.dropped_abandoned, 1);
}

#[tokio::test]
async fn full_queue() {
    // One worker behind a closed door, and room for two orders.
    let settings = |builder: emissions::Builder| builder.workers(1).queue_capacity(4);
    let server = Server::start(settings, Duration::from_millis(50)).await;
    let mut client = Client::connect(server.address).await.unwrap();
    let mut taken = Vec::new();
    let mut refused = 0;
    while refused < 2 {
        let reply = client.order("Ada", 1).await.unwrap();
        match reply.status {
            201 => taken.push(reply.order_id().expect("a success has a number")),
            503 => refused += 1,
            other => panic!("{other}: {}", reply.body),
        }
        assert!(taken.len() < 4, "the queue never fills");
    }
    server.open_the_door();
    let counters = server.settle().await;
    assert_eq!(server.ledger.delivered(), taken, "what was refused was delivered in no part");
    assert_eq!(counters.dropped_full, 4);
    assert_eq!(counters.delivered, 2 * taken.len() as u64);
}

#[tokio::test]
async fn the_page_shows_what_was_done() {
    let (server, mut client) = open().await;
    let page = client.get("/").await.unwrap();
    assert!(page.status == 200 && page.body.contains("No order has been taken yet."), "{}", page.body);
    client.order_by_form("%3Cb%3EAda", 3).await.unwrap();
    server.settle().await;
    let page = client.get("/").await;
    // After the shutdown a page is still served: it has no events to hand over.
    let page = page.unwrap();
    assert!(page.body.contains("confirmation to &lt;b&gt;Ada: cards"), "{}", page.body);
    assert!(page.body.contains("<td>delivered</td><td class=number>2</td>"), "{}", page.body);
}
