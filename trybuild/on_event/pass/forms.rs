//! Every form a listener may have.
#![deny(warnings)]

use std::{error::Error, fmt, sync::Mutex};

use emissions::{Ctx, Envelope, RawEnvelope, Registry, event, listener, on_event};

#[event(name = "order.created")]
pub struct OrderCreated {
    order_id: u64,
}

type Renamed = OrderCreated;
type Wrapped = Envelope<OrderCreated>;
type AnyEvent = RawEnvelope;

pub trait Queue: Send + Sync {
    fn add(&self, order_id: u64);
}

#[derive(Debug)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl Error for Refused {}

#[on_event]
async fn plain(event: &OrderCreated) {
    let _ = event.order_id;
}

#[on_event]
async fn alias(event: &Renamed) -> Result<(), Refused> {
    if event.order_id == 0 { Err(Refused) } else { Ok(()) }
}

#[on_event]
async fn envelope(event: &Envelope<OrderCreated>) -> Result<u64, Box<dyn Error + Send + Sync>> {
    Ok(event.payload.order_id)
}

#[on_event]
async fn alias_of_an_envelope(event: &Wrapped) -> Result<(), String> {
    event.event_id.is_nil().then_some(()).ok_or_else(|| "a text is an error too".to_owned())
}

#[on_event]
pub async fn trait_object(event: &OrderCreated, queue: &dyn Queue) {
    queue.add(event.order_id);
}

#[on_event]
pub(crate) async fn several(event: &OrderCreated, ctx: &Ctx, count: &Mutex<u64>, text: &str, bytes: &[u8]) {
    let _ = (ctx.attempt(), text.len(), bytes.len());
    *count.lock().unwrap() += event.order_id;
}

#[on_event]
async fn patterns_in_arguments(&OrderCreated { order_id }: &OrderCreated, _: &Ctx) {
    let _ = order_id;
}

#[on_event(name = "order.**")]
async fn pattern(event: &RawEnvelope) {
    let _ = event.event_type.len();
}

#[on_event(name = "*.created", observer)]
async fn alias_of_a_raw_envelope(event: &AnyEvent) {
    let _ = event.event_type.len();
}

#[on_event(
    observer,
    id = "orders.everything",
    timeout = "90s",
    retry(attempts = 3, backoff = "100ms..5s"),
    concurrency = 4,
    after(r#async, crate::inner::nested),
    when = is_large
)]
async fn everything(event: &OrderCreated) {
    let _ = event.order_id;
}

fn is_large(event: &OrderCreated) -> bool {
    event.order_id > 7
}

#[on_event(observer, retry(attempts = 2), after = alias_of_an_observer)]
async fn r#async(r#type: &OrderCreated) {
    let _ = r#type.order_id;
}

#[on_event(observer,)]
async fn alias_of_an_observer(_: &OrderCreated) {}

mod inner {
    use emissions::on_event;

    #[on_event(observer)]
    pub(super) async fn nested(event: &super::OrderCreated) {
        let _ = event.order_id;
    }
}

struct Indexer {
    seen: Mutex<u64>,
}

#[listener]
impl Indexer {
    #[on_event(timeout = "5s")]
    async fn index(&self, event: &OrderCreated, _: &Ctx) -> Result<(), Refused> {
        *self.seen.lock().map_err(|_| Refused)? += event.order_id;
        Ok(())
    }

    #[on_event]
    async fn without_a_receiver(event: &OrderCreated) {
        let _ = event.order_id;
    }

    #[on_event(name = "**")]
    async fn any(&self, event: &RawEnvelope) {
        let _ = event.event_type.len();
    }

    fn no_listener(&self) -> u64 {
        *self.seen.lock().unwrap()
    }
}

macro_rules! declare {
    ($name:ident, $event:ty) => {
        #[on_event]
        async fn $name(event: &$event) {
            let _ = event.order_id;
        }
    };
}

declare!(by_a_macro, OrderCreated);

fn main() {
    #[on_event]
    async fn in_a_body(event: &OrderCreated) {
        let _ = event.order_id;
    }

    let indexer = Indexer { seen: Mutex::new(7) };
    assert_eq!(indexer.no_listener(), 7);
    let ids: Vec<_> = Registry::collect().listeners().iter().map(|listener| listener.id()).collect();
    let ids: Vec<_> = ids.iter().map(|id| id.split_once("::").map_or(*id, |(_, path)| path)).collect();
    assert_eq!(
        ids,
        [
            "orders.everything",
            "Indexer::any",
            "Indexer::index",
            "Indexer::without_a_receiver",
            "alias",
            "alias_of_a_raw_envelope",
            "alias_of_an_envelope",
            "alias_of_an_observer",
            "async",
            "by_a_macro",
            "envelope",
            "inner::nested",
            "main::in_a_body",
            "pattern",
            "patterns_in_arguments",
            "plain",
            "several",
            "trait_object",
        ]
    );
    assert_eq!(Registry::collect().verify(), Ok(()));
    // A listener stays a function.
    drop(plain(&OrderCreated { order_id: 7 }));
}
