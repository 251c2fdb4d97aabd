//! Files: torn lines, rotation, readers beside the writer.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use emissions::{
    AdapterOptions, Emissions,
    adapters::{Fsync, JsonLines, JsonLinesError, JsonLinesReader},
    dead_letter::JsonLinesDeadLetters,
    event,
};

use crate::support::{only, scratch};

/// A note was written.
#[event(name = "note.written")]
pub(crate) struct NoteWritten {
    /// Note that was written.
    note_id: u64,
}

async fn start(file: JsonLines) -> Emissions {
    only(module_path!()).adapter("file", file).route("**", "file").start().await.unwrap()
}

async fn write(emissions: &Emissions, ids: std::ops::Range<u64>) {
    for note_id in ids {
        let _ = emissions.emit_async(NoteWritten { note_id }).await.unwrap();
    }
}

fn ids(reader: &mut JsonLinesReader) -> Vec<u64> {
    let events = reader.read_all().unwrap();
    events.iter().map(|event| event.decode::<NoteWritten>().unwrap().payload.note_id).collect()
}

#[tokio::test]
async fn a_torn_last_line_is_cut_away_and_the_rest_kept() {
    let path = scratch("torn.jsonl");
    let emissions = start(JsonLines::create(&path).unwrap()).await;
    write(&emissions, 0..3).await;
    let whole = std::fs::read(&path).unwrap();
    let _ = emissions.shutdown(Duration::from_secs(5)).await;
    drop(emissions);
    // The file is unlocked when the adapter's task has ended.
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [last + 1, last + 40, whole.len() - 1] {
        let path = scratch("cut.jsonl");
        std::fs::write(&path, &whole[..cut]).unwrap();
        let file = JsonLines::create(&path).unwrap();
        assert_eq!(file.repaired_bytes(), (cut - last) as u64);
        assert_eq!(std::fs::read(&path).unwrap(), &whole[..last]);
        let emissions = start(file).await;
        write(&emissions, 7..8).await;
        assert_eq!(ids(&mut JsonLinesReader::open(&path).unwrap()), [0, 1, 7]);
    }
    // A line longer than a step of the search, and nothing else.
    let path = scratch("long.jsonl");
    std::fs::write(&path, vec![b'x'; 200_000]).unwrap();
    assert_eq!(JsonLines::create(&path).unwrap().repaired_bytes(), 200_000);
}

#[tokio::test]
async fn one_writer_at_a_time() {
    let path = scratch("locked.jsonl");
    let first = JsonLines::create(&path).unwrap();
    let error = JsonLines::create(&path).unwrap_err();
    assert!(error.to_string().contains("has another writer"), "{error}");
    drop(first);
    JsonLines::create(&path).unwrap();
}

#[tokio::test]
async fn readers_see_whole_lines_only_while_the_writer_goes_on() {
    let path = scratch("read.jsonl");
    let emissions = start(JsonLines::create(&path).unwrap()).await;
    let mut reader = JsonLinesReader::open(&path).unwrap();
    assert!(ids(&mut reader).is_empty());
    write(&emissions, 0..2).await;
    assert_eq!(ids(&mut reader), [0, 1]);
    write(&emissions, 2..5).await;
    assert_eq!(ids(&mut reader), [2, 3, 4], "from where it was");

    let partial = scratch("partial.jsonl");
    let line = std::fs::read(&path).unwrap();
    let line = &line[..=line.iter().position(|byte| *byte == b'\n').unwrap()];
    let mut file = std::fs::File::create(&partial).unwrap();
    let mut reader = JsonLinesReader::open(&partial).unwrap();
    for part in line.chunks(50) {
        assert!(reader.next_event().unwrap().is_none(), "the line is not whole");
        file.write_all(part).unwrap();
    }
    assert!(reader.next_event().unwrap().is_some());
    file.write_all(b"no event\n").unwrap();
    file.write_all(line).unwrap();
    let error = reader.next_event().unwrap_err();
    assert!(matches!(error, JsonLinesError::Line { position, .. } if position == line.len() as u64), "{error}");
    assert!(reader.next_event().unwrap().is_some(), "it goes on behind the line");
}

#[tokio::test]
async fn a_file_that_is_large_enough_is_moved_out_of_the_way() {
    let path = scratch("rotated.jsonl");
    let emissions = start(JsonLines::create(&path).unwrap().rotate_at(1000)).await;
    let mut reader = JsonLinesReader::open(&path).unwrap();
    write(&emissions, 0..10).await;
    let numbered = |number: u32| std::path::PathBuf::from(format!("{}.{number}", path.display()));
    let mut seen = Vec::new();
    for number in 1.. {
        let Ok(mut older) = JsonLinesReader::open(numbered(number)) else { break };
        seen.push(ids(&mut older));
    }
    assert!(seen.len() >= 2, "{seen:?}");
    assert_eq!(ids(&mut reader), seen[0], "a reader stays with the file it opened");
    seen.push(ids(&mut JsonLinesReader::open(&path).unwrap()));
    assert_eq!(seen.concat(), (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn dead_letters_outlive_the_process_and_a_torn_line() {
    let path = scratch("letters.jsonl");
    let store = || JsonLinesDeadLetters::create(&path);
    assert!(!std::fs::exists(&path).unwrap_or(false));
    drop(store().unwrap());
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"line\":\"par").unwrap();
    drop(store().unwrap());
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    std::fs::write(&path, b"{\"line\":\"other\"}\n").unwrap();
    let error = store().unwrap_err();
    assert!(error.to_string().contains("letters.jsonl:1 is no dead letter"), "{error}");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_disk_that_is_full_parks_what_it_does_not_take() {
    let options = AdapterOptions::default().retry(2, Duration::from_millis(1), Duration::from_millis(1));
    let emissions = only(module_path!())
        .adapter_with("file", JsonLines::create("/dev/full").unwrap(), options.without_breaker())
        .route("**", "file")
        .start()
        .await
        .unwrap();
    let buffer = emissions.start();
    for note_id in 0..3 {
        buffer.emit(NoteWritten { note_id }).unwrap();
    }
    let error = buffer.commit_acked().await.unwrap_err();
    assert_eq!(error.failures().len(), 3, "{error}");
    assert!(error.to_string().contains("the file can't be written"), "{error}");
    assert_eq!(emissions.dead_letters().list().await.unwrap().len(), 3);
    assert_eq!(emissions.shutdown(Duration::from_secs(5)).await.lost, 0);
}

/// Readers of the file and of what it is moved to, while it is written and moved all the time: each
/// sees whole events only, in order, and together they see all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_whole_lines_in_order_while_files_are_moved_under_them() {
    let path = scratch("busy.jsonl");
    let emissions = start(JsonLines::create(&path).unwrap().fsync(Fsync::Never).rotate_at(2_000)).await;
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (path, done) = (path.clone(), Arc::clone(&done));
            std::thread::spawn(move || {
                let mut rounds = 0_u32;
                while !done.load(SeqCst) {
                    // Between a move and the next file there is none.
                    let Ok(mut reader) = JsonLinesReader::open(&path) else { continue };
                    let mut seen = Vec::new();
                    for _ in 0..50 {
                        seen.extend(ids(&mut reader));
                    }
                    assert!(seen.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seen:?}");
                    rounds += 1;
                }
                rounds
            })
        })
        .collect();
    write(&emissions, 0..300).await;
    done.store(true, SeqCst);
    for reader in readers {
        assert!(reader.join().expect("no reader saw half a line") > 0);
    }
    let mut files: Vec<(u64, _)> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.extension().unwrap().to_str().unwrap().parse().unwrap_or(u64::MAX), path))
        .collect();
    files.sort();
    assert!(files.len() > 10, "{files:?}");
    let all: Vec<u64> = files.iter().flat_map(|(_, path)| ids(&mut JsonLinesReader::open(path).unwrap())).collect();
    assert!(all.into_iter().eq(0..300));
}
