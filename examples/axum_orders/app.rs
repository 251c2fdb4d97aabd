//! The routes, and the layer around them.

use std::{sync::Arc, time::Duration};

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use emissions::{Builder, Emissions, tower::EmissionsLayer};
use serde::{Deserialize, Serialize};

use super::{
    events::{OrderPlaced, StockReserved},
    page,
    shop::Shop,
};

/// Settings of the emissions of a shop.
pub(crate) fn settings(shop: &Arc<Shop>) -> Builder {
    Emissions::builder().source("/shop").provide_arc(Arc::clone(shop))
}

/// Everything the shop serves.
pub(crate) fn routes(emissions: &Emissions) -> Router<Arc<Shop>> {
    let counter = emissions.clone();
    Router::new()
        .route("/", get(async move |State(shop): State<Arc<Shop>>| Html(page::render(&shop, &counter.counters()))))
        .route("/orders", post(order_by_form))
        .route("/api/orders", post(order_by_api))
}

/// The routes with a buffer for each request: it is committed before a success leaves, and the
/// events of every other response are dropped. A full queue is waited for as long as `patience` allows.
pub(crate) fn with_buffers(routes: Router<Arc<Shop>>, emissions: &Emissions, patience: Duration) -> Router<Arc<Shop>> {
    routes.layer(EmissionsLayer::new(emissions.clone()).commit_within(patience))
}

/// An order as it comes in, by the form or as JSON.
#[derive(Deserialize)]
pub(crate) struct Order {
    customer: String,
    article: String,
    pieces: u32,
}

/// An order that was taken.
#[derive(Serialize)]
pub(crate) struct Taken {
    order_id: u64,
}

/// A form is answered with a redirect, which is a success: its events are delivered.
async fn order_by_form(State(shop): State<Arc<Shop>>, Form(order): Form<Order>) -> Result<Redirect, Refusal> {
    take(&shop, order).map(|order_id| Redirect::to(&format!("/?order={order_id}")))
}

async fn order_by_api(
    State(shop): State<Arc<Shop>>,
    Json(order): Json<Order>,
) -> Result<(StatusCode, Json<Taken>), Refusal> {
    take(&shop, order).map(|order_id| (StatusCode::CREATED, Json(Taken { order_id })))
}

/// Takes an order: two events, and a check between them that may refuse it.
fn take(shop: &Shop, order: Order) -> Result<u64, Refusal> {
    let order_id = shop.next_order();
    emissions::emit(StockReserved { reserved_order_id: order_id, reserved_pieces: order.pieces })?;
    if order.pieces == 0 || order.pieces > 99 {
        // The reservation above is in the buffer already; nobody will hear of it.
        return Err(Refusal::Pieces);
    }
    emissions::emit(OrderPlaced {
        placed_order_id: order_id,
        customer_name: order.customer,
        article_name: order.article,
    })?;
    Ok(order_id)
}

/// Why an order was not taken.
pub(crate) enum Refusal {
    /// Nobody orders none, or so many.
    Pieces,
    /// An event was not admitted to the buffer.
    NotEmitted(String),
}

impl<E: emissions::Event> From<emissions::EmitError<E>> for Refusal {
    fn from(error: emissions::EmitError<E>) -> Self {
        Self::NotEmitted(error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Pieces => (StatusCode::UNPROCESSABLE_ENTITY, "order 1 to 99 pieces\n".to_owned()).into_response(),
            Self::NotEmitted(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
        }
    }
}
