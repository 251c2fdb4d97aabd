//! The owned buffer: five verbs, order, limits, receipts.

use std::sync::Arc;

use emissions::{
    Acked, AcknowledgeError, BufferLimit, CommitError, Emissions, EmitErrorKind, Enqueued, Receipt, TryCommitError,
    event, on_event,
};

use crate::support::{Journal, Refused, only, settled};

/// A letter was written.
#[event(name = "letter.written")]
struct LetterWritten {
    /// Letter that was written.
    letter_id: u64,
}

/// A stamp was bought, and nobody listens.
#[event(name = "stamp.bought")]
struct StampBought {
    /// Stamp that was bought.
    stamp_id: u64,
}

/// Nobody has to hear that ink ran out.
#[event(name = "ink.exhausted", gate(allow_none))]
struct InkExhausted {
    /// Pen whose ink ran out.
    pen_id: u64,
}

#[on_event]
async fn post(event: &LetterWritten, journal: &Journal) -> Result<(), Refused> {
    journal.note(event.letter_id);
    if event.letter_id == 13 { Err(Refused("no thirteenth letter")) } else { Ok(()) }
}

async fn start() -> (Emissions, Arc<Journal>) {
    start_with(|builder| builder).await
}

async fn start_with(settings: impl FnOnce(emissions::Builder) -> emissions::Builder) -> (Emissions, Arc<Journal>) {
    let journal = Arc::new(Journal::default());
    let builder = only(module_path!()).workers(1).provide_arc(Arc::clone(&journal));
    (settings(builder).start().await.expect("everything is provided"), journal)
}

fn letter(letter_id: u64) -> LetterWritten {
    LetterWritten { letter_id }
}

#[tokio::test]
async fn a_commit_delivers_everything_in_the_order_of_emission() {
    let (emissions, journal) = start().await;
    let buffer = emissions.start();
    let mut ids = Vec::new();
    for letter_id in 100..200 {
        ids.push(buffer.emit(letter(letter_id)).unwrap());
    }
    assert_eq!(buffer.len(), 100);
    tokio::task::yield_now().await;
    assert!(journal.entries().is_empty(), "nobody hears of an event before the commit");
    assert_eq!(emissions.counters().buffered, 100);

    let receipt: Receipt<Enqueued> = buffer.commit().await.unwrap();

    assert_eq!(receipt.event_ids(), ids);
    assert!(ids.is_sorted(), "ids sort by the time of the emit");
    let expected: Vec<_> = (100..200).map(|id| id.to_string()).collect();
    assert_eq!(settled(&emissions).await.delivered, 100);
    assert_eq!(journal.entries(), expected);
}

#[tokio::test]
async fn terminate_drops_everything_and_counts_it() {
    let (emissions, journal) = start().await;
    let buffer = emissions.start();
    buffer.emit(letter(1)).unwrap();
    buffer.emit(letter(2)).unwrap();
    buffer.terminate();
    let counters = settled(&emissions).await;
    assert_eq!((counters.emitted, counters.dropped_terminated, counters.dropped()), (2, 2, 2));
    assert!(emissions.abandoned().is_empty(), "somebody decided, so nothing was abandoned");
    assert!(journal.entries().is_empty());
}

#[tokio::test]
async fn what_was_flushed_is_not_undone_by_terminate() {
    let (emissions, journal) = start().await;
    let buffer = emissions.start();
    buffer.emit(letter(1)).unwrap();
    assert_eq!(buffer.flush().await.unwrap().len(), 1);
    assert!(buffer.is_empty());
    buffer.emit(letter(2)).unwrap();
    buffer.terminate();
    settled(&emissions).await;
    assert_eq!(journal.entries(), ["1"]);
    assert_eq!(emissions.counters().dropped_terminated, 1);
}

#[tokio::test]
async fn flush_then_commit_keeps_the_order_and_hands_over_once() {
    let (emissions, journal) = start().await;
    let buffer = emissions.start();
    buffer.emit(letter(1)).unwrap();
    buffer.flush().await.unwrap();
    buffer.emit(letter(2)).unwrap();
    assert!(buffer.flush().await.unwrap().len() == 1 && buffer.flush().await.unwrap().is_empty());
    buffer.emit(letter(3)).unwrap();
    assert_eq!(buffer.commit().await.unwrap().len(), 1);
    settled(&emissions).await;
    assert_eq!(journal.entries(), ["1", "2", "3"]);
}

#[tokio::test]
async fn an_empty_buffer_commits() {
    let (emissions, _journal) = start().await;
    assert!(emissions.start().commit().await.unwrap().is_empty());
    assert!(emissions.start().commit_acked().await.unwrap().is_empty());
    assert!(emissions.start().try_commit().unwrap().is_empty());
    emissions.start().terminate();
    settled(&emissions).await;
    let buffer = emissions.start();
    assert!(buffer.flush().await.unwrap().is_empty(), "there is nothing a shutdown could lose");
    assert!(buffer.commit().await.unwrap().is_empty());
    assert!(emissions.start().try_commit().unwrap().is_empty());
}

#[tokio::test]
async fn limits_are_checked_at_emit_and_the_event_comes_back() {
    let (emissions, _journal) = start_with(|builder| builder.buffer_events(2)).await;
    let buffer = emissions.start();
    buffer.emit(letter(1)).unwrap();
    buffer.emit(letter(2)).unwrap();
    let error = buffer.emit(letter(3)).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::BufferFull(BufferLimit::Events(2))), "{error}");
    assert_eq!(error.to_string(), "letter.written was not emitted: the buffer is full: it may hold 2 events");
    assert_eq!(error.into_event().letter_id, 3);
    buffer.flush().await.unwrap();
    buffer.emit(letter(3)).expect("flushing makes room");
    buffer.commit().await.unwrap();
    settled(&emissions).await;
}

#[tokio::test]
async fn bytes_are_those_of_the_payload_as_json() {
    let one = serde_json::to_vec(&letter(1)).unwrap().len();
    let (emissions, _journal) = start_with(|builder| builder.buffer_bytes(2 * one + 1)).await;
    let buffer = emissions.start();
    buffer.emit(letter(1)).unwrap();
    let error = buffer.emit(letter(123)).expect_err("two bytes more, one byte left");
    assert!(matches!(error.kind(), EmitErrorKind::BufferFull(BufferLimit::Bytes(limit)) if *limit == 2 * one + 1));
    buffer.emit(letter(12)).unwrap();
    buffer.flush().await.unwrap();
    buffer.emit(letter(12)).expect("flushing gives the bytes back");
    buffer.commit().await.unwrap();
}

#[tokio::test]
async fn a_batch_that_could_never_be_committed_is_refused_at_emit() {
    let (emissions, _journal) = start_with(|builder| builder.queue_capacity(3)).await;
    let buffer = emissions.start();
    for letter_id in 0..3 {
        buffer.emit(letter(letter_id)).unwrap();
    }
    let error = buffer.emit(letter(3)).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::BufferFull(BufferLimit::Events(3))), "{error}");
    buffer.commit().await.expect("three fit");
}

#[tokio::test]
async fn metadata_goes_with_the_event() {
    let (emissions, _journal) = start().await;
    let buffer = emissions.start();
    let id = buffer.emission(letter(1)).subject("letters/1").key("k").attribute("tenant", "acme").emit().unwrap();
    let error = buffer.emission(letter(2)).attribute("Tenant", "acme").emit().unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::InvalidAttribute(_)), "{error}");
    let receipt = buffer.commit_acked().await.unwrap();
    assert_eq!(receipt.event_ids(), [id]);
}

#[tokio::test]
async fn acked_means_that_everybody_has_settled() {
    let (emissions, journal) = start().await;
    let buffer = emissions.start();
    buffer.emit(letter(1)).unwrap();
    buffer.emit(letter(2)).unwrap();
    let receipt: Receipt<Acked> = buffer.commit_acked().await.unwrap();
    assert_eq!(journal.entries(), ["1", "2"], "no waiting after the receipt");
    let lower: Receipt<Enqueued> = receipt.into();
    assert_eq!(lower.len(), 2);
    settled(&emissions).await;
}

#[tokio::test]
async fn a_failure_or_a_missing_holder_gives_no_acked_receipt() {
    let (emissions, journal) = start().await;
    let buffer = emissions.start();
    let ids = [
        buffer.emit(letter(1)).unwrap(),
        buffer.emit(letter(13)).unwrap(),
        buffer.emit(StampBought { stamp_id: 1 }).unwrap(),
        buffer.emit(InkExhausted { pen_id: 1 }).unwrap(),
    ];
    let error = buffer.commit_acked().await.unwrap_err();
    let failed: Vec<_> = error.failures().iter().map(|failure| failure.event_id).collect();
    assert_eq!(failed, ids[1..3], "{error}");
    assert!(error.failures()[0].to_string().contains("no thirteenth letter"), "{error}");
    assert!(error.failures()[1].to_string().contains("nobody"), "{error}");
    let AcknowledgeError::NotAcknowledged { receipt, .. } = error else { panic!("it was handed over") };
    assert_eq!(receipt.event_ids(), ids);
    assert_eq!(journal.entries(), ["1", "13"]);
    let counters = settled(&emissions).await;
    assert_eq!((counters.delivered, counters.failed, counters.dropped_unheard), (1, 1, 2));
}

#[tokio::test]
async fn after_shutdown_nothing_is_buffered_and_nothing_committed() {
    let (emissions, journal) = start().await;
    let (waiting, trying) = (emissions.start(), emissions.start());
    waiting.emit(letter(1)).unwrap();
    trying.emit(letter(2)).unwrap();
    let report = emissions.shutdown(std::time::Duration::from_secs(5)).await;
    assert_eq!(report.lost, 0, "what is in a buffer is its owner's, who hears of it below");
    let error = waiting.emit(letter(3)).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::ShutDown));
    assert_eq!(waiting.flush().await.unwrap_err(), CommitError::ShutDown { events: 1 });
    assert_eq!(waiting.commit().await.unwrap_err(), CommitError::ShutDown { events: 1 });
    let refused = trying.try_commit().unwrap_err();
    assert!(matches!(refused, TryCommitError::Refused(CommitError::ShutDown { events: 1 })), "{refused}");
    assert!(journal.entries().is_empty());
    settled(&emissions).await;
    assert_eq!(emissions.counters().dropped_shutdown, 2);
}

#[tokio::test]
async fn two_emissions_dont_touch() {
    let ((first, journal), (second, other)) = (start().await, start().await);
    let (ours, theirs) = (first.start(), second.start());
    ours.emit(letter(1)).unwrap();
    theirs.emit(letter(2)).unwrap();
    theirs.terminate();
    ours.commit_acked().await.unwrap();
    assert_eq!((journal.entries(), other.entries()), (vec!["1".to_owned()], vec![]));
    assert_eq!((first.counters().emitted, second.counters().emitted), (1, 1));
}
