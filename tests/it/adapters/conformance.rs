//! `Memory`, `JsonLines` and `Http` do what adapters have to do.

use emissions::{
    RawEnvelope, Uuid,
    adapters::{Fsync, Http, HttpMode, JsonLines, JsonLinesReader, Memory},
    testing::{AdapterHarness, Check, adapter_conformance},
};

use super::http::Hook;
use crate::support::scratch;

struct InMemory(Memory);

impl AdapterHarness for InMemory {
    type Adapter = Memory;

    async fn open(&mut self) -> Memory {
        self.0.clone()
    }

    async fn received(&mut self) -> Vec<RawEnvelope> {
        self.0.events()
    }
}

#[tokio::test]
async fn memory_conforms() {
    let report = adapter_conformance(InMemory(Memory::new())).await.unwrap();
    for check in [Check::SettlesEach, Check::AcksAreTrue, Check::Faithful, Check::Order, Check::Duplicates] {
        assert!(report.passed.contains(&check), "{check}");
    }
    assert!(report.skipped.contains(&Check::CrashAndRestart), "it does not promise to be durable");
}

struct InFile {
    path: std::path::PathBuf,
    fsync: Fsync,
    rotate: bool,
}

impl AdapterHarness for InFile {
    type Adapter = JsonLines;

    async fn open(&mut self) -> JsonLines {
        let file = JsonLines::create(&self.path).expect("nobody else writes to it").fsync(self.fsync);
        if self.rotate { file.rotate_at(500) } else { file }
    }

    async fn received(&mut self) -> Vec<RawEnvelope> {
        // The numbered ones are older, the lowest being the oldest.
        let numbered = (1..)
            .map(|number| format!("{}.{number}", self.path.display()))
            .take_while(|path| std::path::Path::new(path).exists());
        let paths = numbered.map(std::path::PathBuf::from).chain([self.path.clone()]);
        paths.flat_map(|path| JsonLinesReader::open(path).unwrap().read_all().unwrap()).collect()
    }

    async fn crash(&mut self, adapter: JsonLines) {
        drop(adapter);
        // A crash in the middle of the next line.
        let mut file = std::fs::OpenOptions::new().append(true).open(&self.path).unwrap();
        std::io::Write::write_all(&mut file, b"{\"specversion\":\"1.0\",\"id\":").unwrap();
    }
}

#[tokio::test]
async fn json_lines_conform() {
    for (fsync, rotate) in [(Fsync::EachBatch, false), (Fsync::EachBatch, true), (Fsync::Never, false)] {
        let report = adapter_conformance(InFile { path: scratch("audit.jsonl"), fsync, rotate }).await.unwrap();
        assert_eq!(report.passed.contains(&Check::CrashAndRestart), fsync == Fsync::EachBatch);
        assert!(report.passed.contains(&Check::Order));
    }
}

struct OverHttp {
    hook: Hook,
    mode: HttpMode,
}

impl AdapterHarness for OverHttp {
    type Adapter = Http;

    async fn open(&mut self) -> Http {
        Http::to(self.hook.url()).unwrap().mode(self.mode).max_bytes(2000)
    }

    async fn received(&mut self) -> Vec<RawEnvelope> {
        self.hook.received()
    }

    async fn turn_away(&mut self, event_id: Option<Uuid>) -> bool {
        self.hook.turn_away(event_id);
        true
    }
}

#[tokio::test]
async fn http_conforms_in_both_modes() {
    for mode in [HttpMode::Binary, HttpMode::Structured] {
        let report = adapter_conformance(OverHttp { hook: Hook::start().await, mode }).await.unwrap();
        assert_eq!(report.skipped, [Check::AtomicBatch], "{mode:?}");
        assert_eq!(report.passed.len(), 9);
    }
}
