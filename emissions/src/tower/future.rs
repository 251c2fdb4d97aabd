//! From the handler's response to the one that leaves.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Response, StatusCode};
use pin_project_lite::pin_project;

use super::layer::Settings;
use crate::{CommitError, buffer::RequestScope};

pin_project! {
    /// The response of an [`EmissionsService`](super::EmissionsService): that of the service inside,
    /// once its events are committed.
    ///
    /// Dropping it drops the events.
    pub struct ResponseFuture<F, R> {
        // Nothing once it has responded.
        #[pin]
        handler: Option<F>,
        scope: Option<RequestScope>,
        settings: Arc<Settings>,
        committing: Option<Committing<R>>,
    }
}

struct Committing<R> {
    /// What the handler has responded.
    response: Response<R>,
    commit: Pin<Box<dyn Future<Output = Result<(), CommitError>> + Send>>,
}

impl<F, R> ResponseFuture<F, R> {
    pub(super) fn new(handler: F, scope: RequestScope, settings: Arc<Settings>) -> Self {
        Self { handler: Some(handler), scope: Some(scope), settings, committing: None }
    }
}

impl<F, R, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Default,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(scope) = &*this.scope
            && let Some(handler) = this.handler.as_mut().as_pin_mut()
        {
            let result = ready!(scope.enter(|| handler.poll(cx)));
            scope.enter(|| this.handler.set(None));
            let Some(scope) = this.scope.take() else { return Poll::Pending };
            let response = match result {
                Ok(response) => response,
                Err(error) => {
                    scope.terminate();
                    return Poll::Ready(Err(error));
                }
            };
            let (head, body) = response.into_parts();
            let success = (this.settings.rule)(&head);
            let response = Response::from_parts(head, body);
            if !success {
                scope.terminate();
                return Poll::Ready(Ok(response));
            }
            let commit = Box::pin(scope.commit_within(this.settings.wait));
            *this.committing = Some(Committing { response, commit });
        }
        // Polled after it was done.
        let Some(committing) = this.committing else { return Poll::Pending };
        let committed = ready!(committing.commit.as_mut().poll(cx));
        let Some(Committing { mut response, .. }) = this.committing.take() else { return Poll::Pending };
        if let Err(error) = committed {
            tracing::warn!(%error, "the response was a success, but its events could not be committed");
            response = Response::new(R::default());
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        Poll::Ready(Ok(response))
    }
}

impl<F, R> fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
