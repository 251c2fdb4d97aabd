//! The buffer of a request, for those who would rather take it than find it.

use std::{fmt, sync::Arc};

use uuid::Uuid;

use crate::{BufferedEmission, buffer::Shared, emission::EmitError, event::Event};

/// The buffer of the request being handled: an extension of every request under
/// [`EmissionsLayer`](super::EmissionsLayer).
///
/// It emits; commit and terminate are with the layer, which knows the response. A clone is the same
/// buffer. With axum, take it as `Extension(buffer): Extension<RequestBuffer>`.
#[derive(Clone)]
pub struct RequestBuffer {
    buffer: Arc<Shared>,
}

impl RequestBuffer {
    pub(super) fn new(buffer: Arc<Shared>) -> Self {
        Self { buffer }
    }

    /// As [`Buffer::emit`](crate::Buffer::emit).
    ///
    /// # Errors
    ///
    /// As there; also [`EmitErrorKind::NotStarted`](crate::EmitErrorKind::NotStarted) once the layer
    /// has closed the buffer.
    #[track_caller]
    pub fn emit<E: Event>(&self, event: E) -> Result<Uuid, EmitError<E>> {
        self.buffer.emit(event, None)
    }

    /// As [`Buffer::emission`](crate::Buffer::emission).
    pub fn emission<E: Event>(&self, event: E) -> BufferedEmission<'_, E> {
        BufferedEmission::into_buffer(&self.buffer, event)
    }

    /// As [`Buffer::attach`](crate::Buffer::attach).
    pub fn attach<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        crate::buffer::attached_to(&self.buffer, future)
    }
}

impl fmt::Debug for RequestBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuffer").field("events", &self.buffer.len()).finish_non_exhaustive()
    }
}
