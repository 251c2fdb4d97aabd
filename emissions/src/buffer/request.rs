//! The scope of one request, entered anew at each poll of its handler.

use std::{panic::Location, sync::Arc, time::Duration};

use super::{
    CommitError,
    ambient::{AMBIENT, OpenScope, Scope},
    shared::Shared,
};
use crate::{Emissions, counters::Discarded};

/// An open scope that belongs to a future written by hand. Dropped, it abandons its events.
pub(crate) struct RequestScope {
    scope: OpenScope,
    buffer: Arc<Shared>,
}

impl RequestScope {
    /// A buffer of its own, also inside another scope: a request is a unit of work by itself.
    pub(crate) fn open(emissions: Emissions, started_at: &'static Location<'static>) -> Self {
        let buffer = Shared::start(emissions, started_at);
        Self { scope: OpenScope(Scope::around(Arc::clone(&buffer))), buffer }
    }

    pub(crate) fn buffer(&self) -> Arc<Shared> {
        Arc::clone(&self.buffer)
    }

    /// Runs `f` with the buffer as the ambient one.
    pub(crate) fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        AMBIENT.sync_scope(Some(Arc::clone(&self.scope.0)), f)
    }

    pub(crate) fn terminate(self) {
        self.scope.terminate();
    }

    /// Hands everything over, or drops it if there is no room in time.
    pub(crate) async fn commit_within(self, wait: Duration) -> Result<(), CommitError> {
        // The handler may have committed by itself, and started another one.
        let Some(batch) = self.scope.0.leave().and_then(|buffer| buffer.close(Discarded::Abandoned)) else {
            return Ok(());
        };
        batch.commit_within(wait).await
    }
}
