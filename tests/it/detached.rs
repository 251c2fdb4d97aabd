//! Work that listeners let go on purpose.

use std::{sync::Arc, time::Duration};

use emissions::{Ctx, event, on_event};

use crate::support::{Drops, Journal, Refused, only};

/// A letter was posted.
#[event(name = "letter.posted")]
struct LetterPosted {
    /// What becomes of the detached work.
    letter_fate: String,
}

struct Ended(Drops);

#[on_event]
async fn posts(event: &LetterPosted, ctx: &Ctx, journal: &Arc<Journal>, ended: &Ended) {
    let (fate, journal, guard) = (event.letter_fate.clone(), Arc::clone(journal), ended.0.guard());
    ctx.detach("the postman walks", async move {
        let _guard = guard;
        tokio::time::sleep(Duration::from_secs(3)).await;
        journal.note(&fate);
        match fate.as_str() {
            "returned" => Err(Refused("unknown address")),
            "burnt" => panic!("fire"),
            "lost" => std::future::pending().await,
            _ => Ok(()),
        }
    });
}

#[tokio::test(start_paused = true)]
async fn is_counted_and_drained_by_shutdown() {
    let (journal, ended) = (Arc::new(Journal::default()), Arc::new(Ended(Drops::default())));
    let emissions =
        only(module_path!()).provide(Arc::clone(&journal)).provide_arc(Arc::clone(&ended)).start().await.unwrap();
    let began = tokio::time::Instant::now();
    for fate in ["delivered", "returned", "burnt"] {
        let _ = emissions.emit_async(LetterPosted { letter_fate: fate.into() }).await.unwrap();
    }
    assert_eq!((began.elapsed(), journal.entries().len()), (Duration::ZERO, 0), "no gate waits for it");
    let report = emissions.shutdown(Duration::from_secs(10)).await;
    assert_eq!(began.elapsed(), Duration::from_secs(3), "shutdown waited, and no longer than needed");
    assert_eq!(journal.entries(), ["delivered", "returned", "burnt"]);
    assert_eq!((report.detached, report.detached_failed, report.detached_cancelled), (3, 2, 0));
    assert_eq!((report.delivered, report.lost), (3, 0));
    assert!(report.lossless().is_ok());
    assert_eq!(ended.0.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn is_cancelled_at_the_deadline_and_that_shows() {
    let (journal, ended) = (Arc::new(Journal::default()), Arc::new(Ended(Drops::default())));
    let emissions =
        only(module_path!()).provide(Arc::clone(&journal)).provide_arc(Arc::clone(&ended)).start().await.unwrap();
    let _ = emissions.emit_async(LetterPosted { letter_fate: "lost".into() }).await.unwrap();
    let report = emissions.shutdown(Duration::from_secs(10)).await;
    assert_eq!((report.detached, report.detached_failed, report.detached_cancelled), (1, 0, 1));
    assert_eq!(ended.0.count(), 1, "it is gone, not only given up");
    let error = report.lossless().unwrap_err();
    assert_eq!(error.to_string(), "the shutdown lost 0 events and cancelled 1 pieces of detached work");
}
