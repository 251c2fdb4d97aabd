//! The ambient buffer: scopes, savepoints, attached tasks.

use std::sync::Arc;

use emissions::{
    BufferLimit, CommitError, Emissions, EmitError, EmitErrorKind, ScopeError, StartError, event, on_event,
};

use crate::support::{Journal, Refused, only, settled};

/// A note was taken.
#[event(name = "note.taken")]
struct NoteTaken {
    /// Note that was taken.
    note_id: u64,
}

/// A listener of this one emits through the ambient functions.
#[event(name = "note.shared")]
struct NoteShared {
    /// Note that was shared.
    shared_note_id: u64,
}

#[on_event]
async fn file(event: &NoteTaken, journal: &Journal) {
    journal.note(event.note_id);
}

#[on_event]
async fn emits_into_the_request(event: &NoteShared) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let note = NoteTaken { note_id: event.shared_note_id };
    emissions::emit(note)?;
    Ok(())
}

/// A listener of this one emits through the ambient functions, once it has waited.
#[event(name = "note.folded")]
struct NoteFolded {
    /// Note that was folded.
    folded_note_id: u64,
}

#[on_event]
async fn emits_into_the_request_later(event: &NoteFolded) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let note = NoteTaken { note_id: event.folded_note_id };
    tokio::task::yield_now().await;
    emissions::emit(note)?;
    Ok(())
}

/// Listeners of this one emit through the ambient functions when they are cancelled.
#[event(name = "note.held")]
struct NoteHeld {
    /// Note that was held.
    held_note_id: u64,
}

struct EmitsWhenDropped(u64);

impl Drop for EmitsWhenDropped {
    fn drop(&mut self) {
        let _ = emissions::emit(NoteTaken { note_id: self.0 });
    }
}

#[on_event]
async fn holds(event: &NoteHeld) {
    let _guard = EmitsWhenDropped(event.held_note_id);
    std::future::pending::<()>().await;
}

#[on_event]
async fn holds_too(event: &NoteHeld) {
    let _guard = EmitsWhenDropped(event.held_note_id);
    std::future::pending::<()>().await;
}

async fn start() -> (Emissions, Arc<Journal>) {
    let journal = Arc::new(Journal::default());
    let builder = only(module_path!()).workers(1).provide_arc(Arc::clone(&journal));
    (builder.start().await.expect("everything is provided"), journal)
}

fn emit(note_id: u64) {
    emissions::emit(NoteTaken { note_id }).expect("a buffer is open");
}

/// A unit of work that emits and succeeds.
fn emitted(note_id: u64) -> Result<(), Box<EmitError<NoteTaken>>> {
    emissions::emit(NoteTaken { note_id }).map(drop).map_err(Box::new)
}

/// Everything was delivered, and this is what was.
async fn delivered(emissions: &Emissions, journal: &Journal, expected: &[&str]) {
    settled(emissions).await;
    assert_eq!(journal.entries(), expected);
}

#[tokio::test]
async fn ok_commits() {
    let (emissions, journal) = start().await;
    let value = emissions
        .scope(async {
            emit(1);
            tokio::task::yield_now().await;
            emit(2);
            Ok::<_, Refused>("value")
        })
        .await
        .unwrap();
    assert_eq!(value, "value");
    delivered(&emissions, &journal, &["1", "2"]).await;
}

#[tokio::test]
async fn err_terminates() {
    let (emissions, journal) = start().await;
    let result = emissions
        .scope(async {
            emit(1);
            Err::<(), _>(Refused("the order was refused"))
        })
        .await;
    assert!(matches!(result, Err(ScopeError::Failed(Refused("the order was refused")))), "{result:?}");
    delivered(&emissions, &journal, &[]).await;
    assert_eq!(emissions.counters().dropped_terminated, 1);
    assert!(emissions.abandoned().is_empty());
}

#[tokio::test]
async fn start_twice_is_an_error_value() {
    let (emissions, journal) = start().await;
    emissions
        .scope(async {
            emissions::start().expect("says what is so");
            assert!(matches!(emissions::start(), Err(StartError::AlreadyStarted)));
            emit(1);
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    emissions
        .scope(async {
            emit(2);
            assert!(matches!(emissions::start(), Err(StartError::AlreadyStarted)), "an emit has started it");
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1", "2"]).await;
}

#[tokio::test]
async fn outside_of_a_scope_there_is_nothing_to_start() {
    assert!(matches!(emissions::start(), Err(StartError::NoScope)));
    let error = emissions::emit(NoteTaken { note_id: 1 }).unwrap_err();
    assert!(matches!(error.kind(), EmitErrorKind::NotStarted));
    assert_eq!(error.to_string(), "note.taken was not emitted: no buffer is open");
    assert_eq!(error.into_event().note_id, 1);
    assert_eq!(emissions::flush().await.unwrap_err(), CommitError::NotStarted);
    assert_eq!(emissions::commit().await.unwrap_err(), CommitError::NotStarted);
    emissions::terminate();
    emissions::attach(async { assert!(emissions::emit(NoteTaken { note_id: 1 }).is_err()) }).await;
}

#[tokio::test]
async fn an_emit_after_commit_is_an_error_and_counted_until_the_next_start() {
    let (emissions, journal) = start().await;
    emissions
        .scope(async {
            emit(1);
            assert_eq!(emissions::commit().await.unwrap().len(), 1);
            let error = emissions::emit(NoteTaken { note_id: 2 }).unwrap_err();
            assert!(matches!(error.kind(), EmitErrorKind::NotStarted), "{error}");
            assert_eq!(emissions::commit().await.unwrap_err(), CommitError::NotStarted);
            assert_eq!(emissions::flush().await.unwrap_err(), CommitError::NotStarted);
            emissions::start().expect("the first one is closed");
            emit(3);
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1", "3"]).await;
    let counters = emissions.counters();
    assert_eq!((counters.emitted, counters.dropped_not_started), (3, 1));
}

#[tokio::test]
async fn terminate_is_idempotent_and_undoes_no_flush() {
    let (emissions, journal) = start().await;
    emissions
        .scope(async {
            emit(1);
            emissions::flush().await.unwrap();
            emit(2);
            emissions::terminate();
            emissions::terminate();
            assert!(emissions::emit(NoteTaken { note_id: 3 }).is_err());
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1"]).await;
    let counters = emissions.counters();
    assert_eq!((counters.dropped_terminated, counters.dropped_not_started), (1, 1));
}

#[tokio::test]
async fn a_nested_scope_is_a_savepoint() {
    let (emissions, journal) = start().await;
    emissions
        .scope(async {
            emit(1);
            emissions.scope(async { emitted(2) }).await.unwrap();
            let failed = emissions
                .scope(async {
                    emit(3);
                    // One that succeeded inside of one that fails vanishes with it.
                    emissions.scope(async { emitted(4) }).await.unwrap();
                    Err::<(), _>(Refused("never mind"))
                })
                .await;
            assert!(failed.is_err());
            emit(5);
            assert!(journal.entries().is_empty(), "only the outermost scope hands over");
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1", "2", "5"]).await;
    assert_eq!(emissions.counters().dropped_terminated, 2);
}

#[tokio::test]
async fn a_savepoint_can_be_neither_committed_nor_flushed() {
    let (emissions, journal) = start().await;
    let result = emissions
        .scope(async {
            emit(1);
            emissions
                .scope(async {
                    emit(2);
                    assert_eq!(emissions::commit().await.unwrap_err(), CommitError::Savepoint);
                    assert_eq!(emissions::flush().await.unwrap_err(), CommitError::Savepoint);
                    emissions::terminate();
                    emissions::start().expect("the next savepoint");
                    emit(3);
                    Ok::<_, Refused>(())
                })
                .await
                .unwrap();
            Err::<(), _>(Refused("after all"))
        })
        .await;
    assert!(result.is_err());
    delivered(&emissions, &journal, &[]).await;
    assert_eq!(emissions.counters().dropped_terminated, 3, "the failure of the outer scope took the savepoint along");
}

#[tokio::test]
async fn savepoints_count_towards_the_limits_of_their_buffer() {
    let journal = Arc::new(Journal::default());
    let builder = only(module_path!()).workers(1).buffer_events(2).provide_arc(Arc::clone(&journal));
    let emissions = builder.start().await.unwrap();
    emissions
        .scope(async {
            emit(1);
            let inner = emissions.scope(async {
                emit(2);
                let error = emissions::emit(NoteTaken { note_id: 3 }).unwrap_err();
                assert!(matches!(error.kind(), EmitErrorKind::BufferFull(BufferLimit::Events(2))), "{error}");
                Err::<(), _>(Refused("give it back"))
            });
            assert!(inner.await.is_err());
            emit(4);
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1", "4"]).await;
}

#[tokio::test]
async fn scopes_of_different_emissions_dont_touch() {
    let ((first, journal), (second, other)) = (start().await, start().await);
    let result = first
        .scope(async {
            emit(1);
            // Its own buffer, committed on its own, though the scope around fails.
            second
                .scope(async {
                    emit(2);
                    // A savepoint of the first, beyond the second.
                    first.scope(async { emitted(3) }).await.unwrap();
                    Ok::<_, Refused>(())
                })
                .await
                .unwrap();
            Err::<(), _>(Refused("never mind"))
        })
        .await;
    assert!(result.is_err());
    delivered(&first, &journal, &[]).await;
    delivered(&second, &other, &["2"]).await;
    assert_eq!(first.counters().dropped_terminated, 2);
}

#[tokio::test]
async fn a_spawned_task_has_no_part_unless_it_is_attached() {
    let (emissions, journal) = start().await;
    emissions
        .scope(async {
            emit(1);
            let stranger =
                tokio::spawn(async { emissions::emit(NoteTaken { note_id: 2 }).map_err(|e| e.kind().clone()) });
            assert!(matches!(stranger.await.unwrap(), Err(EmitErrorKind::NotStarted)));
            let child = tokio::spawn(emissions::attach(async {
                emit(3);
                let grandchild = tokio::spawn(emissions::attach(async { emit(4) }));
                grandchild.await.unwrap();
                assert!(matches!(emissions::start(), Err(StartError::AlreadyStarted)));
                assert_eq!(emissions::commit().await.unwrap_err(), CommitError::Attached);
                assert_eq!(emissions::flush().await.unwrap_err(), CommitError::Attached);
                emissions::terminate();
            }));
            child.await.unwrap();
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1", "3", "4"]).await;
}

#[tokio::test]
async fn nothing_arrives_after_commit_from_a_child_that_was_not_joined() {
    let (emissions, journal) = start().await;
    let buffer = emissions.start();
    let (entered, seen) = tokio::sync::oneshot::channel();
    let (send, go) = tokio::sync::oneshot::channel::<()>();
    let child = tokio::spawn(buffer.attach(async move {
        emit(1);
        entered.send(()).unwrap();
        go.await.unwrap();
        assert!(matches!(emissions::start(), Err(StartError::NoScope)));
        emissions::emit(NoteTaken { note_id: 2 }).map_err(|error| error.kind().clone())
    }));
    seen.await.unwrap();
    buffer.commit().await.unwrap();
    send.send(()).unwrap();
    assert!(matches!(child.await.unwrap(), Err(EmitErrorKind::NotStarted)));
    delivered(&emissions, &journal, &["1"]).await;
    assert_eq!(emissions.counters().dropped_not_started, 1);
}

#[tokio::test]
async fn a_savepoint_of_a_child_that_outlives_the_commit_is_reported() {
    let (emissions, journal) = start().await;
    let buffer = emissions.start();
    let (entered, seen) = tokio::sync::oneshot::channel();
    let (send, go) = tokio::sync::oneshot::channel::<()>();
    let inner = emissions.clone();
    let child = tokio::spawn(buffer.attach(async move {
        inner
            .scope(async {
                emit(1);
                entered.send(()).unwrap();
                go.await.unwrap();
                Ok::<_, Refused>(())
            })
            .await
    }));
    seen.await.unwrap();
    buffer.commit().await.unwrap();
    send.send(()).unwrap();
    let result = child.await.unwrap();
    assert!(matches!(result, Err(ScopeError::NotCommitted(CommitError::NotStarted))), "{result:?}");
    delivered(&emissions, &journal, &[]).await;
    assert_eq!(emissions.counters().dropped_abandoned, 1);
}

#[tokio::test]
async fn a_listener_has_no_part_in_the_buffer_of_the_request_that_awaits_it() {
    let (emissions, journal) = start().await;
    emissions
        .scope(async {
            let error = emissions.emit_async(NoteShared { shared_note_id: 9 }).await.unwrap_err();
            assert!(error.failures()[0].to_string().contains("no buffer is open"), "{error:?}");
            emit(1);
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1"]).await;
}

#[tokio::test]
async fn a_listener_has_no_part_in_a_buffer_that_its_emit_was_moved_into() {
    let (emissions, journal) = start().await;
    let mut gate = Box::pin(emissions.emit_async(NoteFolded { folded_note_id: 9 }));
    assert!(futures::poll!(&mut gate).is_pending());
    emissions
        .scope(async {
            let error = gate.await.unwrap_err();
            assert!(error.failures()[0].to_string().contains("no buffer is open"), "{error:?}");
            emit(1);
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1"]).await;
}

#[tokio::test]
async fn a_listener_that_is_cancelled_has_no_part_in_the_buffer_of_the_request_that_awaited_it() {
    let (emissions, journal) = start().await;
    emissions
        .scope(async {
            let mut gate = Box::pin(emissions.emit_async(NoteHeld { held_note_id: 9 }));
            assert!(futures::poll!(&mut gate).is_pending());
            drop(gate);
            emit(1);
            Ok::<_, Refused>(())
        })
        .await
        .unwrap();
    delivered(&emissions, &journal, &["1"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_tasks_dont_see_each_others_events() {
    let (emissions, journal) = start().await;
    let tasks: Vec<_> = (0..1_000_u64)
        .map(|task| {
            let emissions = emissions.clone();
            tokio::spawn(async move {
                let inner = emissions.clone();
                let ids = async {
                    let mut ids = Vec::new();
                    for step in 0..4 {
                        ids.push(emissions::emit(NoteTaken { note_id: task * 10 + step }).unwrap());
                        tokio::task::yield_now().await;
                    }
                    let child = emissions::attach(async move { emissions::emit(NoteTaken { note_id: task * 10 + 4 }) });
                    ids.push(tokio::spawn(child).await.unwrap().unwrap());
                    if task % 3 == 0 {
                        return Err(Refused("every third fails"));
                    }
                    let receipt = emissions::commit().await.unwrap();
                    assert_eq!(receipt.event_ids(), ids, "its own events, in its own order, and no other");
                    Ok(())
                };
                inner.scope(ids).await.is_ok()
            })
        })
        .collect();
    let mut committed = 0;
    for task in tasks {
        committed += u64::from(task.await.unwrap());
    }
    assert_eq!(committed, 666);
    settled(&emissions).await;
    let mut seen = journal.entries();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 666 * 5, "nothing twice");
    assert_eq!(emissions.counters().dropped_terminated, 334 * 5);
}
