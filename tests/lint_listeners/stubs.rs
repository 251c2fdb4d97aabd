//! Clients of the sort that services have, as stubs: the shapes of sqlx, redis, NATS and HTTP crates.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use futures::stream::{self, Stream};
use tokio::sync::{Mutex, RwLock, Semaphore, broadcast, mpsc};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;
pub type Done<T = ()> = Result<T, Failure>;
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[derive(Clone, Debug, Default)]
pub struct Row {
    pub id: u64,
    pub name: String,
    pub amount: i64,
    pub parent: Option<u64>,
}

/// A pool, its transactions and its queries.
#[derive(Clone, Default)]
pub struct Pool;
pub struct Transaction;
#[must_use]
pub struct Query(String);

pub fn query(sql: &str) -> Query {
    Query(sql.to_owned())
}

impl Query {
    pub fn bind(mut self, value: impl std::fmt::Display) -> Self {
        self.0.push_str(&value.to_string());
        self
    }
    pub async fn execute<E>(self, _on: E) -> Done<u64> {
        Ok(self.0.len() as u64)
    }
    pub async fn fetch_one<E>(self, _on: E) -> Done<Row> {
        Ok(Row::default())
    }
    pub async fn fetch_optional<E>(self, _on: E) -> Done<Option<Row>> {
        Ok(None)
    }
    pub fn fetch<'e, E: 'e>(self, _on: E) -> Pin<Box<dyn Stream<Item = Done<Row>> + Send + 'e>> {
        Box::pin(stream::iter([Ok(Row::default())]))
    }
}

impl Pool {
    pub async fn begin(&self) -> Done<Transaction> {
        Ok(Transaction)
    }
    pub async fn acquire(&self) -> Done<Transaction> {
        Ok(Transaction)
    }
}

impl Transaction {
    pub async fn commit(self) -> Done {
        Ok(())
    }
    pub async fn rollback(self) -> Done {
        Ok(())
    }
}

/// A cache with commands and pipelines.
#[derive(Clone, Default)]
pub struct Redis;
#[derive(Default)]
pub struct Pipeline(Vec<String>);

impl Redis {
    pub async fn get(&mut self, _key: &str) -> Done<Option<String>> {
        Ok(None)
    }
    pub async fn set_ex(&mut self, _key: &str, _value: &str, _ttl: Duration) -> Done {
        Ok(())
    }
    pub async fn del(&mut self, _key: &str) -> Done<u64> {
        Ok(1)
    }
    pub async fn publish(&self, _channel: &str, _payload: Vec<u8>) -> Done<u64> {
        Ok(1)
    }
}

impl Pipeline {
    pub fn cmd(&mut self, name: &str) -> &mut Self {
        self.0.push(name.to_owned());
        self
    }
    pub fn arg(&mut self, value: impl ToString) -> &mut Self {
        self.0.push(value.to_string());
        self
    }
    pub async fn query_async(&self, _on: &mut Redis) -> Done<Vec<u64>> {
        Ok(vec![self.0.len() as u64])
    }
}

/// A broker.
#[derive(Clone, Default)]
pub struct Nats;
pub struct Message {
    pub subject: String,
    pub payload: Vec<u8>,
}
pub struct Subscriber(Option<Message>);
pub struct PublishAck;

impl Stream for Subscriber {
    type Item = Message;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Message>> {
        std::task::Poll::Ready(self.0.take())
    }
}

impl Nats {
    pub async fn publish(&self, _subject: &str, _payload: Vec<u8>) -> Done<BoxFuture<'static, Done<PublishAck>>> {
        Ok(Box::pin(async { Ok(PublishAck) }))
    }
    pub async fn subscribe(&self, subject: &str) -> Done<Subscriber> {
        Ok(Subscriber(Some(Message { subject: subject.to_owned(), payload: Vec::new() })))
    }
    pub async fn request(&self, subject: &str, payload: Vec<u8>) -> Done<Message> {
        Ok(Message { subject: subject.to_owned(), payload })
    }
    pub async fn flush(&self) -> Done {
        Ok(())
    }
}

/// An HTTP client.
#[derive(Clone, Default)]
pub struct Http;
pub struct Request(String);
pub struct Response(u16);

impl Http {
    pub fn post(&self, url: impl Into<String>) -> Request {
        Request(url.into())
    }
    pub fn get(&self, url: impl Into<String>) -> Request {
        Request(url.into())
    }
}

impl Request {
    pub fn header(self, _name: &str, _value: &str) -> Self {
        self
    }
    pub fn body(mut self, body: String) -> Self {
        self.0 = body;
        self
    }
    pub async fn send(self) -> Done<Response> {
        Ok(Response(200))
    }
}

impl Response {
    pub fn status(&self) -> u16 {
        self.0
    }
    pub fn error_for_status(self) -> Done<Self> {
        Ok(self)
    }
    pub async fn text(self) -> Done<String> {
        Ok(String::new())
    }
}

/// State that several listeners share.
#[derive(Clone)]
pub struct Shared {
    pub totals: Arc<Mutex<HashMap<u64, i64>>>,
    pub names: Arc<RwLock<HashMap<u64, String>>>,
    pub seen: Arc<std::sync::Mutex<Vec<u64>>>,
    pub limit: Arc<Semaphore>,
    pub updates: broadcast::Sender<u64>,
    pub jobs: mpsc::Sender<u64>,
}

pub async fn render(template: &str, row: &Row) -> Done<String> {
    Ok(format!("{template} {}", row.name))
}

pub async fn price(id: u64) -> Done<i64> {
    Ok(i64::try_from(id)?)
}

pub fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}
