//! Events that carry many facts, or none.

use std::sync::Arc;

use emissions::{GateError, event, on_event};

use crate::support::{Journal, only};

/// Labels were printed.
#[event(name = "labels.printed", bulk = parcel_codes, on_empty = "open")]
struct LabelsPrinted {
    /// Codes on the labels.
    parcel_codes: Vec<String>,
}

/// Labels were voided.
#[event(name = "labels.voided", bulk = parcel_codes, on_empty = "refuse")]
struct LabelsVoided {
    /// Codes on the labels.
    parcel_codes: Vec<String>,
}

#[on_event]
async fn printed(event: &LabelsPrinted, journal: &Journal) {
    journal.note(format_args!("printed {}", event.parcel_codes.len()));
}

#[on_event]
async fn voided(event: &LabelsVoided, journal: &Journal) {
    journal.note(format_args!("voided {}", event.parcel_codes.len()));
}

#[tokio::test]
async fn an_empty_batch_calls_nobody_and_opens_or_refuses() {
    let journal = Arc::new(Journal::default());
    let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();

    let gate = emissions.emit_async(LabelsPrinted { parcel_codes: Vec::new() }).await.unwrap();
    assert!(gate.report().is_empty());
    let error = emissions.emit_async(LabelsVoided { parcel_codes: Vec::new() }).await.unwrap_err();
    assert!(matches!(error, GateError::EmptyBulk(_)));
    assert!(error.to_string().contains("`parcel_codes` is empty"), "{error}");
    let error = error.retry_failed(&emissions).await.unwrap_err();
    assert!(matches!(error, GateError::EmptyBulk(_)), "a retry refuses as well: {error}");
    let _ = emissions.emit(LabelsVoided { parcel_codes: Vec::new() }).unwrap();
    assert_eq!(emissions.shutdown(std::time::Duration::from_secs(5)).await.lost, 0);
    assert_eq!(journal.entries(), [""; 0]);
}

#[tokio::test]
async fn a_full_batch_is_an_event_like_any_other() {
    let journal = Arc::new(Journal::default());
    let emissions = only(module_path!()).provide_arc(Arc::clone(&journal)).start().await.unwrap();
    let batch = || vec!["a".to_owned(), "b".to_owned()];
    let printed = emissions.emit_async(LabelsPrinted { parcel_codes: batch() }).await.unwrap();
    let voided = emissions.emit_async(LabelsVoided { parcel_codes: batch() }).await.unwrap();
    assert_eq!((printed.report().len(), voided.report().len()), (1, 1));
    assert_eq!(journal.entries(), ["printed 2", "voided 2"]);
}
