//! Endings nobody decided: panic, abort, cancellation, the end of the runtime, a forgotten handle.
//! All of them discard, none delivers, all are counted with the place of `start`.

use std::{
    panic::{AssertUnwindSafe, Location},
    sync::Arc,
    time::Duration,
};

use emissions::{Emissions, event, on_event};
use futures::FutureExt;

use crate::support::{Journal, Refused, only, settled};

/// A ticket was sold.
#[event(name = "ticket.sold")]
struct TicketSold {
    /// Ticket that was sold.
    ticket_id: u64,
}

#[on_event]
async fn print(event: &TicketSold, journal: &Journal) {
    journal.note(event.ticket_id);
}

async fn start() -> (Emissions, Arc<Journal>) {
    let journal = Arc::new(Journal::default());
    let builder = only(module_path!()).provide_arc(Arc::clone(&journal));
    (builder.start().await.expect("everything is provided"), journal)
}

fn sold(ticket_id: u64) -> TicketSold {
    TicketSold { ticket_id }
}

/// One buffer with two events was abandoned, nothing was delivered, and the place is known.
async fn assert_abandoned_at(emissions: &Emissions, journal: &Journal, line: u32) {
    settled(emissions).await;
    let counters = emissions.counters();
    assert_eq!((counters.emitted, counters.dropped_abandoned, counters.dropped()), (2, 2, 2), "{counters:?}");
    assert!(journal.entries().is_empty(), "delivered: {:?}", journal.entries());
    let [place] = emissions.abandoned()[..] else { panic!("{:?}", emissions.abandoned()) };
    assert!(place.started_at.file().ends_with("buffer_endings.rs"), "{place}");
    assert_eq!((place.started_at.line(), place.buffers, place.events), (line, 1, 2), "{place}");
}

#[track_caller]
fn next_line() -> u32 {
    Location::caller().line() + 1
}

#[tokio::test]
async fn a_panic_discards() {
    let (emissions, journal) = start().await;
    let mut line = 0;
    let unit_of_work = async {
        line = next_line();
        let buffer = emissions.start();
        buffer.emit(sold(1)).unwrap();
        buffer.emit(sold(2)).unwrap();
        assert!(journal.entries().len() > 1, "the unit of work panics");
        buffer.commit().await.unwrap();
    };
    assert!(AssertUnwindSafe(unit_of_work).catch_unwind().await.is_err());
    assert_abandoned_at(&emissions, &journal, line).await;
}

#[tokio::test]
async fn an_abort_discards() {
    let (emissions, journal) = start().await;
    let line = next_line();
    let buffer = emissions.start();
    buffer.emit(sold(1)).unwrap();
    buffer.emit(sold(2)).unwrap();
    let (entered, seen) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(async move {
        entered.send(()).unwrap();
        std::future::pending::<()>().await;
        buffer.commit().await.unwrap();
    });
    seen.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_abandoned_at(&emissions, &journal, line).await;
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_discards() {
    let (emissions, journal) = start().await;
    let line = next_line();
    let unit_of_work = emissions.scope(async {
        emissions::emit(sold(1)).unwrap();
        emissions::emit(sold(2)).unwrap();
        std::future::pending::<Result<(), Refused>>().await
    });
    assert!(tokio::time::timeout(Duration::from_secs(1), unit_of_work).await.is_err());
    assert_abandoned_at(&emissions, &journal, line).await;
}

#[test]
fn the_end_of_the_runtime_discards() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (emissions, journal) = runtime.block_on(start());
    let (entered, seen) = std::sync::mpsc::channel();
    let inner = emissions.clone();
    let line = next_line() + 1;
    runtime.spawn(async move {
        let buffer = inner.start();
        buffer.emit(sold(1)).unwrap();
        buffer.emit(sold(2)).unwrap();
        entered.send(()).unwrap();
        std::future::pending::<()>().await;
        buffer.commit().await.unwrap();
    });
    seen.recv().unwrap();
    runtime.shutdown_timeout(Duration::from_secs(5));
    // The handle was dropped while its runtime went; another one reads what it left.
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        assert_abandoned_at(&emissions, &journal, line).await;
    });
}

#[tokio::test]
async fn a_forgotten_handle_discards_and_warns_with_the_place() {
    let (emissions, journal) = start().await;
    let (line, warnings) = crate::support::warnings(|| {
        let line = next_line();
        let buffer = emissions.start();
        buffer.emit(sold(1)).unwrap();
        buffer.emit(sold(2)).unwrap();
        drop(buffer);
        line
    });
    assert_abandoned_at(&emissions, &journal, line).await;
    let place = format!("buffer_endings.rs:{line}:");
    let warning = warnings.iter().find(|warning| warning.contains(&place));
    assert!(warning.is_some_and(|warning| warning.contains("events=2")), "{warnings:?}");
}

#[tokio::test]
async fn a_commit_that_was_never_polled_discards() {
    let (emissions, journal) = start().await;
    let line = next_line();
    let buffer = emissions.start();
    buffer.emit(sold(1)).unwrap();
    buffer.emit(sold(2)).unwrap();
    drop(buffer.commit());
    assert_abandoned_at(&emissions, &journal, line).await;
}

#[tokio::test]
async fn a_panic_in_a_scope_discards_and_so_does_one_in_its_savepoint() {
    let (emissions, journal) = start().await;
    let line = next_line();
    let unit_of_work = emissions.scope(async {
        emissions::emit(sold(1)).unwrap();
        emissions::emit(sold(2)).unwrap();
        assert!(journal.entries().len() > 1, "the unit of work panics");
        Ok::<_, Refused>(())
    });
    assert!(AssertUnwindSafe(unit_of_work).catch_unwind().await.is_err());
    assert_abandoned_at(&emissions, &journal, line).await;

    let (emissions, journal) = start().await;
    emissions
        .scope(async {
            emissions::emit(sold(1)).unwrap();
            let savepoint = emissions.scope(async {
                emissions::emit(sold(2)).unwrap();
                assert!(journal.entries().len() > 1, "the savepoint panics");
                Ok::<_, Refused>(())
            });
            assert!(AssertUnwindSafe(savepoint).catch_unwind().await.is_err());
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    settled(&emissions).await;
    assert_eq!(journal.entries(), ["1"], "the savepoint's event vanished, the scope's did not");
    assert_eq!(emissions.counters().dropped_abandoned, 1);
}

/// An event whose destructor panics must not turn a dropped buffer into an abort.
#[event(name = "fuse.blown")]
struct FuseBlown {
    /// Fuse that blew.
    fuse_id: u64,
}

impl Drop for FuseBlown {
    fn drop(&mut self) {
        assert!(self.fuse_id == 0, "the destructor panics");
    }
}

#[tokio::test]
async fn destructors_that_panic_while_a_panic_unwinds_dont_abort() {
    let (emissions, _journal) = start().await;
    let unit_of_work = async {
        let buffer = emissions.start();
        buffer.emit(FuseBlown { fuse_id: 1 }).unwrap();
        buffer.emit(FuseBlown { fuse_id: 0 }).unwrap();
        assert!(buffer.len() > 2, "the unit of work panics");
    };
    assert!(AssertUnwindSafe(unit_of_work).catch_unwind().await.is_err());
    settled(&emissions).await;
    assert_eq!(emissions.counters().dropped_abandoned, 2);
}
