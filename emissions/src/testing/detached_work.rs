//! The net below the lint: tasks that outlive what started them.

use std::future::Future;

/// Runs `work` on a runtime of its own and asserts that it leaves no living task behind.
///
/// The lint sees what a listener's own body starts; this sees what anything below it starts, however
/// it is written: a callee that spawns, a macro, a type that hides a handle. `work` should do all that
/// belongs to one event: start the emissions, emit, await the gate, shut down. It runs on a fresh
/// current-thread runtime, so that nothing else lives there.
///
/// Threads and blocking tasks are not counted, and neither is a future that was never polled: it
/// leaves no trace at run time. The lint is there for those.
///
/// # Panics
///
/// If a task is alive when `work` is done, or if no runtime can be built. Panics of `work` pass through.
///
/// ```
/// use emissions::testing::assert_no_detached_work;
///
/// let saved = assert_no_detached_work(async {
///     tokio::spawn(async { 7 }).await.unwrap_or_default()
/// });
/// assert_eq!(saved, 7);
/// ```
#[track_caller]
pub fn assert_no_detached_work<T>(work: impl Future<Output = T>) -> T {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => panic!("no runtime to run the work on: {error}"),
    };
    let (output, alive) = runtime.block_on(async {
        let output = work.await;
        (output, tokio::runtime::Handle::current().metrics().num_alive_tasks())
    });
    assert!(
        alive == 0,
        "{alive} {} still alive when the work was done: await, join or track what it starts",
        if alive == 1 { "task is" } else { "tasks are" }
    );
    output
}
