//! A buffer per HTTP request: its events are delivered if the response is a success, and not
//! otherwise.
//!
//! [`EmissionsLayer`] works with every `tower` service over `http` requests and responses; with axum
//! 0.8 it is given to `Router::layer`. Around each request it opens a buffer, which is
//!
//! * ambient: [`emissions::emit`](crate::emit()) and the other free functions work in the handler, and
//!   in tasks spawned through [`attach`](crate::attach);
//! * in the request's extensions, as a [`RequestBuffer`].
//!
//! | the handler | its events |
//! |---|---|
//! | responds with 2xx or 3xx (or what [`commit_when`](EmissionsLayer::commit_when) says) | are committed **before the response leaves** |
//! | responds otherwise, or the service fails | are dropped, counted as `dropped_terminated` |
//! | panics, or the client goes away | are dropped, counted as `dropped_abandoned`, with a warning |
//! | succeeds, but a queue has no room in time, or the emissions are shut down | are dropped; the client gets 503 instead of the response |
//!
//! A redirect is a success: it is how a form is answered.
//!
//! # What the client may conclude
//!
//! A success says that every event is in every queue it goes to. A 503 says that none is; what the
//! handler wrote elsewhere, in a database say, is not undone by it, so the request must be safe to
//! repeat, or the events must be in that database's transaction.
//!
//! A client that goes away while the handler runs cancels it, and its events with it. If it goes away
//! after the commit the events are delivered, though nobody has seen the response.
//!
//! # Streaming bodies
//!
//! The layer commits when the head of the response is there. A body that is streamed runs after that:
//! the buffer is closed, and an event emitted from within the stream is refused with
//! [`EmitErrorKind::NotStarted`](crate::EmitErrorKind::NotStarted), logged and counted. Emit before the
//! body starts, or give the stream a buffer of its own ([`Emissions::start`](crate::Emissions::start))
//! and commit that at its end.
//!
//! # Example
//!
//! ```standalone_crate
//! # use emissions::{event, on_event, Emissions};
//! # /// An order was placed.
//! # #[event(name = "order.placed")]
//! # struct OrderPlaced {
//! #     /// Order that was placed.
//! #     order_id: u64,
//! # }
//! # #[on_event] async fn confirm(_event: &OrderPlaced) {}
//! use std::{convert::Infallible, time::Duration};
//!
//! use emissions::tower::EmissionsLayer;
//! use http::{Request, Response, StatusCode};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! async fn place_order(_: Request<String>) -> Result<Response<String>, Infallible> {
//!     let mut response = Response::new(String::new());
//!     *response.status_mut() = match emissions::emit(OrderPlaced { order_id: 7 }) {
//!         Ok(_) => StatusCode::SEE_OTHER,
//!         Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
//!     };
//!     Ok(response)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emissions = Emissions::builder().source("/orders").start().await?;
//! let service = ServiceBuilder::new()
//!     .layer(EmissionsLayer::new(emissions.clone()).commit_within(Duration::from_secs(2)))
//!     .service(service_fn(place_order));
//! let response = service.oneshot(Request::new(String::new())).await?;
//! assert_eq!(response.status(), StatusCode::SEE_OTHER);
//! assert_eq!((emissions.counters().emitted, emissions.counters().buffered), (1, 0));
//! # Ok(()) }
//! ```

mod future;
mod layer;
mod request_buffer;

pub use self::{
    future::ResponseFuture,
    layer::{EmissionsLayer, EmissionsService},
    request_buffer::RequestBuffer,
};
