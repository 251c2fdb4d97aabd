//! `EmissionsLayer` with plain `tower`: which requests deliver their events, and which don't.

use std::{
    convert::Infallible, future::poll_fn, panic::AssertUnwindSafe, pin::pin, sync::Arc, task::Poll, time::Duration,
};

use emissions::{
    Emissions, EmitErrorKind, event, on_event,
    tower::{EmissionsLayer, RequestBuffer},
};
use futures::{FutureExt, poll};
use http::{Request, Response, StatusCode};
use tokio::sync::Semaphore;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::support::{Journal, Refused, only, settled};

/// A parcel was sent.
#[event(name = "parcel.dispatched")]
struct ParcelDispatched {
    /// Parcel that was sent.
    dispatched_parcel_id: u64,
}

#[on_event]
async fn track(event: &ParcelDispatched, journal: &Journal, door: &Semaphore) {
    journal.note(event.dispatched_parcel_id);
    door.acquire().await.expect("never closed").forget();
}

struct Depot {
    emissions: Emissions,
    journal: Arc<Journal>,
    door: Arc<Semaphore>,
}

impl Depot {
    async fn open() -> Self {
        let depot = Self::with_capacity(1024).await;
        depot.door.add_permits(1024);
        depot
    }

    /// One worker, which waits at a closed door, and a queue of this capacity.
    async fn with_capacity(capacity: usize) -> Self {
        let (journal, door) = (Arc::new(Journal::default()), Arc::new(Semaphore::new(0)));
        let builder = only(module_path!())
            .workers(1)
            .queue_capacity(capacity)
            .provide_arc(Arc::clone(&journal))
            .provide_arc(Arc::clone(&door));
        Self { emissions: builder.start().await.expect("everything is provided"), journal, door }
    }

    fn layer(&self) -> EmissionsLayer {
        EmissionsLayer::new(self.emissions.clone())
    }
}

fn dispatched(dispatched_parcel_id: u64) -> ParcelDispatched {
    ParcelDispatched { dispatched_parcel_id }
}

fn dispatch(dispatched_parcel_id: u64) {
    emissions::emit(dispatched(dispatched_parcel_id)).expect("the layer has opened a buffer");
}

fn respond(status: StatusCode) -> Response<String> {
    let mut response = Response::new("body of the handler".to_owned());
    *response.status_mut() = status;
    response
}

/// Emits one event and responds with the status that the request's body names.
async fn as_asked(request: Request<String>) -> Result<Response<String>, Infallible> {
    dispatch(1);
    tokio::task::yield_now().await;
    Ok(respond(request.body().parse().expect("a status")))
}

fn asking_for(status: u16) -> Request<String> {
    Request::new(status.to_string())
}

#[tokio::test]
async fn success_is_2xx_and_3xx() {
    let statuses = [200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 404, 409, 422, 429, 500, 503];
    for status in statuses {
        let depot = Depot::open().await;
        let service = depot.layer().layer(service_fn(as_asked));
        let response = service.oneshot(asking_for(status)).await.unwrap();
        assert_eq!((response.status().as_u16(), response.body().as_str()), (status, "body of the handler"));
        let counters = settled(&depot.emissions).await;
        let success = status < 400;
        assert_eq!(depot.journal.entries().len(), usize::from(success), "{status}");
        assert_eq!(counters.dropped_terminated, u64::from(!success), "{status}");
    }
}

#[tokio::test]
async fn the_rule_is_a_closure_over_the_head_of_the_response() {
    let depot = Depot::open().await;
    let layer = depot.layer().commit_when(|response| response.headers.contains_key("committed"));
    let service = layer.layer(service_fn(|request: Request<String>| async move {
        dispatch(request.body().parse().unwrap());
        let mut response = respond(StatusCode::CONFLICT);
        if request.body() == "1" {
            response.headers_mut().insert("committed", "yes".parse().unwrap());
        }
        Ok::<_, Infallible>(response)
    }));
    for body in ["1", "2"] {
        service.clone().oneshot(Request::new(body.to_owned())).await.unwrap();
    }
    settled(&depot.emissions).await;
    assert_eq!(depot.journal.entries(), ["1"]);
}

#[tokio::test]
async fn a_service_that_fails_delivers_nothing() {
    let depot = Depot::open().await;
    let service = depot.layer().layer(service_fn(|_: Request<String>| async {
        dispatch(1);
        Err::<Response<String>, _>(Refused("the service fails"))
    }));
    assert_eq!(service.oneshot(asking_for(200)).await.unwrap_err(), Refused("the service fails"));
    assert_eq!(settled(&depot.emissions).await.dropped_terminated, 1);
    assert!(depot.journal.entries().is_empty());
}

#[tokio::test]
async fn the_buffer_is_an_extension_and_ambient_also_in_the_call_itself() {
    let depot = Depot::open().await;
    let service = depot.layer().layer(service_fn(|request: Request<String>| {
        dispatch(1);
        let buffer = request.extensions().get::<RequestBuffer>().expect("the layer has inserted it").clone();
        async move {
            buffer.emit(dispatched(2)).unwrap();
            buffer.emission(dispatched(3)).subject("parcels/3").emit().unwrap();
            tokio::spawn(emissions::attach(async { dispatch(4) })).await.unwrap();
            tokio::spawn(buffer.attach(async { dispatch(5) })).await.unwrap();
            Ok::<_, Infallible>(respond(StatusCode::OK))
        }
    }));
    service.oneshot(asking_for(200)).await.unwrap();
    settled(&depot.emissions).await;
    assert_eq!(depot.journal.entries(), ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_handler_that_panics_delivers_nothing_and_the_place_of_the_layer_is_known() {
    let depot = Depot::open().await;
    let service = depot.layer().layer(service_fn(|_: Request<String>| async {
        dispatch(1);
        tokio::task::yield_now().await;
        assert!(emissions::start().is_ok(), "the handler panics");
        Ok::<_, Infallible>(respond(StatusCode::OK))
    }));
    assert!(AssertUnwindSafe(service.oneshot(asking_for(200))).catch_unwind().await.is_err());
    assert_eq!(settled(&depot.emissions).await.dropped_abandoned, 1);
    assert!(depot.journal.entries().is_empty());
    assert!(depot.emissions.abandoned()[0].started_at.file().ends_with("tower.rs"));
}

#[tokio::test]
async fn a_client_that_goes_away_delivers_nothing() {
    let depot = Depot::open().await;
    let service = depot.layer().layer(service_fn(|_: Request<String>| async {
        dispatch(1);
        std::future::pending::<Result<Response<String>, Infallible>>().await
    }));
    {
        let mut response = pin!(service.oneshot(asking_for(200)));
        assert!(poll!(&mut response).is_pending());
        assert_eq!(depot.emissions.counters().buffered, 1);
    }
    assert_eq!(settled(&depot.emissions).await.dropped_abandoned, 1);
    assert!(depot.journal.entries().is_empty());
}

#[tokio::test]
async fn the_commit_comes_before_the_response() {
    let depot = Depot::with_capacity(1).await;
    depot.emissions.start().try_commit().unwrap();
    // The worker stands still with one, the queue is full with the other.
    for id in [8, 9] {
        let _ = depot.emissions.emit(dispatched(id)).unwrap();
        depot.journal.has(1).await;
    }
    let service = depot.layer().layer(service_fn(as_asked));
    let mut response = pin!(service.oneshot(asking_for(201)));
    for _ in 0..5 {
        assert!(poll!(&mut response).is_pending(), "no response before there is room");
        tokio::task::yield_now().await;
    }
    depot.door.add_permits(10);
    assert_eq!(response.await.unwrap().status(), StatusCode::CREATED);
    settled(&depot.emissions).await;
    assert_eq!(depot.journal.entries(), ["8", "9", "1"]);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_stays_full_makes_it_503_and_delivers_nothing() {
    let depot = Depot::with_capacity(1).await;
    for id in [8, 9] {
        let _ = depot.emissions.emit(dispatched(id)).unwrap();
        depot.journal.has(1).await;
    }
    let layer = depot.layer().commit_within(Duration::from_secs(3));
    let before = tokio::time::Instant::now();
    let response = layer.layer(service_fn(as_asked)).oneshot(asking_for(201)).await.unwrap();
    assert_eq!((response.status(), response.body().as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
    assert_eq!(before.elapsed(), Duration::from_secs(3));
    depot.door.add_permits(10);
    let counters = settled(&depot.emissions).await;
    assert_eq!((counters.dropped_full, counters.delivered), (1, 2));
    assert_eq!(depot.journal.entries(), ["8", "9"]);
}

#[tokio::test]
async fn after_shutdown_a_success_is_503() {
    let depot = Depot::open().await;
    let emissions = depot.emissions.clone();
    let service = depot.layer().layer(service_fn(move |_: Request<String>| {
        let emissions = emissions.clone();
        async move {
            dispatch(1);
            let _ = emissions.shutdown(Duration::ZERO).await;
            Ok::<_, Infallible>(respond(StatusCode::OK))
        }
    }));
    let response = service.oneshot(asking_for(200)).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(settled(&depot.emissions).await.dropped_shutdown, 1);
}

#[tokio::test]
async fn a_handler_may_commit_by_itself_and_what_follows_is_refused() {
    let depot = Depot::open().await;
    let service = depot.layer().layer(service_fn(|_: Request<String>| async {
        dispatch(1);
        emissions::commit().await.unwrap();
        assert!(emissions::emit(dispatched(2)).is_err());
        Ok::<_, Infallible>(respond(StatusCode::BAD_REQUEST))
    }));
    service.oneshot(asking_for(200)).await.unwrap();
    assert_eq!(settled(&depot.emissions).await.dropped_not_started, 1);
    assert_eq!(depot.journal.entries(), ["1"]);
}

/// A body that is a closure, called when the client reads it.
type Body = Option<Box<dyn FnOnce() -> Option<EmitErrorKind> + Send>>;

#[tokio::test]
async fn a_streamed_body_runs_after_the_commit() {
    let depot = Depot::open().await;
    let service = depot.layer().layer(service_fn(|request: Request<String>| async move {
        dispatch(1);
        let buffer = request.extensions().get::<RequestBuffer>().cloned().expect("the layer has inserted it");
        let body: Body = Some(Box::new(move || buffer.emit(dispatched(2)).err().map(|error| error.kind().clone())));
        Ok::<_, Infallible>(Response::new(body))
    }));
    let response = service.oneshot(asking_for(200)).await.unwrap();
    let read = response.into_body().expect("the handler's body");
    assert!(matches!(read(), Some(EmitErrorKind::NotStarted)));
    assert_eq!(settled(&depot.emissions).await.dropped_not_started, 1);
    assert_eq!(depot.journal.entries(), ["1"]);
}

struct NeverReady;

impl Service<Request<String>> for NeverReady {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<String>, Infallible>>;
    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Pending
    }
    fn call(&mut self, _: Request<String>) -> Self::Future {
        std::future::ready(Ok(respond(StatusCode::OK)))
    }
}

#[tokio::test]
async fn readiness_is_that_of_the_service_inside() {
    let depot = Depot::open().await;
    let mut service = depot.layer().layer(NeverReady);
    let ready = poll_fn(|cx| Poll::Ready(service.poll_ready(cx).is_pending())).await;
    assert!(ready);
}
