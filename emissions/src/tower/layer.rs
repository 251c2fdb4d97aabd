//! The layer and the service it makes.

use std::{
    fmt,
    panic::Location,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response, response};
use tower_layer::Layer;
use tower_service::Service;

use super::{RequestBuffer, ResponseFuture};
use crate::{Emissions, buffer::RequestScope};

/// Gives every request a buffer; see the [module](crate::tower).
#[derive(Clone)]
#[must_use = "a layer does nothing until it is put around a service"]
pub struct EmissionsLayer {
    pub(super) settings: Arc<Settings>,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) emissions: Emissions,
    pub(super) rule: Rule,
    pub(super) wait: Duration,
    /// Where the layer was made: the place of `start` of every request's buffer.
    pub(super) made_at: &'static Location<'static>,
}

type Rule = Arc<dyn Fn(&response::Parts) -> bool + Send + Sync>;

impl EmissionsLayer {
    /// Commits on 2xx and 3xx, and waits up to five seconds for room in the queues.
    #[track_caller]
    pub fn new(emissions: Emissions) -> Self {
        let rule = Arc::new(|response: &response::Parts| is_success(response));
        let settings = Settings { emissions, rule, wait: Duration::from_secs(5), made_at: Location::caller() };
        Self { settings: Arc::new(settings) }
    }

    /// Which responses are a success, so that the events of their requests are committed: instead
    /// of 2xx and 3xx.
    ///
    /// ```
    /// # use emissions::{Emissions, tower::EmissionsLayer};
    /// # fn layer(emissions: Emissions) -> EmissionsLayer {
    /// // A replayed request is answered with 409 and its first result; it is a success here.
    /// EmissionsLayer::new(emissions).commit_when(|response| {
    ///     response.status.is_success() || response.headers.contains_key("idempotent-replayed")
    /// })
    /// # }
    /// ```
    pub fn commit_when(self, rule: impl Fn(&response::Parts) -> bool + Send + Sync + 'static) -> Self {
        let settings = Settings { rule: Arc::new(rule), ..(*self.settings).clone() };
        Self { settings: Arc::new(settings) }
    }

    /// How long a commit waits for room in the queues before the client gets 503.
    pub fn commit_within(self, wait: Duration) -> Self {
        let settings = Settings { wait, ..(*self.settings).clone() };
        Self { settings: Arc::new(settings) }
    }
}

fn is_success(response: &response::Parts) -> bool {
    response.status.is_success() || response.status.is_redirection()
}

impl fmt::Debug for EmissionsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmissionsLayer")
            .field("emissions", &self.settings.emissions)
            .field("commit_within", &self.settings.wait)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for EmissionsLayer {
    type Service = EmissionsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EmissionsService { inner, layer: self.clone() }
    }
}

/// Gives every request a buffer; from [`EmissionsLayer`].
#[derive(Clone, Debug)]
pub struct EmissionsService<S> {
    inner: S,
    layer: EmissionsLayer,
}

impl<S, B, R> Service<Request<B>> for EmissionsService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let Settings { emissions, made_at, .. } = &*self.layer.settings;
        let scope = RequestScope::open(emissions.clone(), made_at);
        request.extensions_mut().insert(RequestBuffer::new(scope.buffer()));
        // A service may do its work right here, so the buffer is ambient here as well.
        let response = scope.enter(|| self.inner.call(request));
        ResponseFuture::new(response, scope, Arc::clone(&self.layer.settings))
    }
}
