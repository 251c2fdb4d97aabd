//! Calls that block, one at a time.

use std::sync::Arc;

use tokio::{sync::Mutex, task::JoinError};

/// Runs calls on the runtime's pool of threads, the next one once the last has returned.
///
/// A call can't be cancelled: one that hangs, on a pipe that nobody reads or a disk that has gone away,
/// keeps its thread though whoever waited has given up. Without turns every further try would take
/// another thread, until there was none left for anybody else.
#[derive(Clone, Debug, Default)]
pub(crate) struct InTurn(Arc<Mutex<()>>);

impl InTurn {
    /// Waits for the turn, and for the call.
    ///
    /// # Cancellation
    ///
    /// Before its turn the call is not made; afterwards it runs to its end.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let turn = Arc::clone(&self.0).lock_owned().await;
        let call = move || {
            let _turn = turn;
            call()
        };
        tokio::task::spawn_blocking(call).await
    }
}
