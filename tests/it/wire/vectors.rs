//! Golden vectors: what comes of each file under `tests/vectors` and of each seed of the fuzzer.
//!
//! `outcomes.txt` beside them is written anew with `EMISSIONS_BLESS=1`; read the difference.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use emissions::{
    RawEnvelope,
    wire::{Binding, DecodeError},
};

use super::any_input::{self, OrderPlaced};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

fn read(file: &Path) -> Result<RawEnvelope, DecodeError> {
    let bytes = fs::read(file).unwrap();
    let binding = match file.extension().and_then(|extension| extension.to_str()).unwrap() {
        "json" => return RawEnvelope::from_structured(bytes),
        "http" => Binding::Http,
        "nats" => Binding::Nats,
        "kafka" => Binding::Kafka,
        "amqp" => Binding::Amqp,
        "rabbitmq" => Binding::RabbitMq,
        other => panic!("no binding is called {other}"),
    };
    let (headers, body) = any_input::message(&bytes);
    RawEnvelope::from_message(binding, headers, body)
}

fn outcome(read: &Result<RawEnvelope, DecodeError>) -> String {
    match read {
        Ok(raw) => {
            let structured = match raw.to_structured() {
                Ok(bytes) => String::from_utf8(bytes).unwrap(),
                Err(error) => error.to_string(),
            };
            let payload = match raw.decode::<OrderPlaced>() {
                Ok(envelope) => format!("{} {}", envelope.event_id, envelope.payload.order_id),
                Err(error) => error.to_string(),
            };
            format!("  {structured}\n  {payload}\n")
        }
        Err(error) => {
            let faults: Vec<_> = error.faults().iter().map(|fault| format!("  {fault}\n")).collect();
            faults.concat()
        }
    }
}

#[test]
fn every_vector_has_its_outcome() {
    let mut outcomes = String::new();
    for folder in ["accepted", "refused"] {
        for file in files(&vectors().join(folder)) {
            let name = format!("{folder}/{}", file.file_name().unwrap().to_str().unwrap());
            let read = read(&file);
            assert_eq!(read.is_ok(), folder == "accepted", "{name}: {read:?}");
            outcomes.extend([name.as_str(), "\n", &outcome(&read)]);
        }
    }
    let golden = vectors().join("outcomes.txt");
    if env::var_os("EMISSIONS_BLESS").is_some() {
        fs::write(&golden, &outcomes).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap();
    for (line, (is, should)) in outcomes.lines().zip(expected.lines()).enumerate() {
        assert_eq!(is, should, "outcomes.txt, line {}", line + 1);
    }
    assert_eq!(outcomes.lines().count(), expected.lines().count(), "outcomes.txt has lines without a vector");
}

#[test]
fn nothing_is_ever_found_wrong_with_the_seeds_of_the_fuzzer() {
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/decode")) {
        any_input::check(&fs::read(&file).unwrap());
    }
}
