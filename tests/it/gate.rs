//! `emit_async` and its gate: everybody settles, every failure is named.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use emissions::{Emissions, GateError, Outcome, event, on_event};

use crate::support::{Journal, Refused, only};

/// Three listeners, each of which fails when told to.
#[event(name = "parcel.packed")]
pub(crate) struct ParcelPacked {
    /// Parcel that was packed.
    parcel_id: u64,
}

#[derive(Default)]
struct Failing {
    first: AtomicBool,
    second: AtomicBool,
    third: AtomicBool,
}

#[on_event]
async fn first(event: &ParcelPacked, failing: &Failing, journal: &Journal) -> Result<(), Refused> {
    journal.note(format_args!("first {}", event.parcel_id));
    if failing.first.load(SeqCst) { Err(Refused("first refused")) } else { Ok(()) }
}

#[on_event]
async fn second(
    _: &ParcelPacked,
    failing: &Failing,
    journal: &Journal,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    // Pending once, so that it settles in another pass than the others.
    tokio::task::yield_now().await;
    journal.note("second");
    if failing.second.load(SeqCst) { Err("second refused".into()) } else { Ok(()) }
}

#[on_event]
async fn third(_: &ParcelPacked, failing: &Failing, journal: &Journal) {
    journal.note("third");
    assert!(!failing.third.load(SeqCst), "third refused");
}

async fn start() -> (Emissions, Arc<Failing>, Arc<Journal>) {
    let (failing, journal) = (Arc::new(Failing::default()), Arc::new(Journal::default()));
    let emissions = only(module_path!())
        .provide_arc(Arc::clone(&failing))
        .provide_arc(Arc::clone(&journal))
        .start()
        .await
        .expect("everything is provided");
    (emissions, failing, journal)
}

#[tokio::test]
async fn all_eight_subsets_of_three_failing_listeners() {
    for subset in 0..8_u8 {
        let (emissions, failing, journal) = start().await;
        let fails = [subset & 1 != 0, subset & 2 != 0, subset & 4 != 0];
        failing.first.store(fails[0], SeqCst);
        failing.second.store(fails[1], SeqCst);
        failing.third.store(fails[2], SeqCst);

        let result = emissions.emit_async(ParcelPacked { parcel_id: 7 }).await;

        assert_eq!(journal.sorted(), ["first 7", "second", "third"], "everybody ran, whoever failed");
        let expected: Vec<String> = ["first", "second", "third"]
            .into_iter()
            .zip(fails)
            .filter(|(_, fails)| *fails)
            .map(|(name, _)| format!("{}::{name}", module_path!()))
            .collect();
        match result {
            Ok(gate) => {
                assert!(expected.is_empty(), "the gate opened over {expected:?}");
                assert_eq!(gate.report().len(), 3);
                assert!(gate.report().iter().all(|participant| participant.outcome.is_success()));
            }
            Err(error) => {
                let failed: Vec<_> = error.failures().iter().map(|failure| failure.id.to_string()).collect();
                assert_eq!(failed, expected);
                assert_eq!(error.report().len(), 3, "those that succeeded are in the report too");
                assert_eq!(error.event().parcel_id, 7, "the error owns the event");
                for failure in error.failures() {
                    let text = failure.to_string();
                    assert!(text.contains("refused"), "{text}");
                    assert_eq!(matches!(failure.outcome, Outcome::Panicked(_)), text.contains("third"));
                }
                assert!(matches!(error, GateError::Failed(_)));
            }
        }
    }
}
