//! What the tests share.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use emissions::{Builder, Counters, Emissions};
use tokio::sync::Notify;

/// A builder that starts only the listeners of one module, so that modules don't provide each
/// other's dependencies.
pub(crate) fn only(module: &str) -> Builder {
    Emissions::builder().source("/tests").within_module(module)
}

/// What happened, in order.
#[derive(Default)]
pub(crate) struct Journal {
    entries: Mutex<Vec<String>>,
    written: Notify,
}

impl Journal {
    pub(crate) fn note(&self, what: impl fmt::Display) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(what.to_string());
        self.written.notify_waiters();
    }

    /// Waits until so many entries were written.
    pub(crate) async fn has(&self, entries: usize) {
        loop {
            let written = self.written.notified();
            tokio::pin!(written);
            // Armed before the check, or the last entry could be written in between.
            written.as_mut().enable();
            if self.entries().len() >= entries {
                return;
            }
            written.await;
        }
    }

    pub(crate) fn entries(&self) -> Vec<String> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn sorted(&self) -> Vec<String> {
        let mut entries = self.entries();
        entries.sort();
        entries
    }
}

/// An error of the tests' own.
#[derive(Debug, PartialEq)]
pub(crate) struct Refused(pub(crate) &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refused {}

/// A fresh path for a file of one test.
pub(crate) fn scratch(name: &str) -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join(format!("emissions-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed)));
    std::fs::create_dir_all(&folder).expect("the folder of temporary files can be written");
    folder.join(name)
}

/// Lets everything that was handed over settle, then checks that every event is accounted for.
pub(crate) async fn settled(emissions: &Emissions) -> Counters {
    // A shutdown is the public way to wait for everything; the limit only ends a test that hangs.
    let _ = emissions.shutdown(Duration::from_secs(30)).await;
    let counters = emissions.counters();
    assert_eq!((counters.buffered, counters.in_flight), (0, 0), "{counters:?}");
    assert_eq!(counters.emitted, counters.delivered + counters.failed + counters.dropped(), "{counters:?}");
    counters
}

/// What is logged as a warning while `f` runs, one text per event.
pub(crate) fn warnings<T>(f: impl FnOnce() -> T) -> (T, Vec<String>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let value = tracing::subscriber::with_default(Warnings(Arc::clone(&seen)), f);
    let texts = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    (value, texts)
}

struct Warnings(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.0);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[derive(Default)]
struct Text(String);

impl tracing::field::Visit for Text {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        use fmt::Write as _;
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

/// Something of a test's own to wait for.
#[derive(Default)]
pub(crate) struct Signal(Notify);

impl Signal {
    pub(crate) fn give(&self) {
        self.0.notify_one();
    }

    pub(crate) async fn taken(&self) {
        self.0.notified().await;
    }
}

/// Counts what is dropped.
#[derive(Clone, Default)]
pub(crate) struct Drops(Arc<std::sync::atomic::AtomicUsize>);

impl Drops {
    pub(crate) fn count(&self) -> usize {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }

    pub(crate) fn guard(&self) -> DropGuard {
        DropGuard(self.clone())
    }
}

pub(crate) struct DropGuard(Drops);

impl Drop for DropGuard {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}
