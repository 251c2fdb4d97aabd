//! What another process reads that has `Stdout` on the other end of a pipe.

use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
};

use emissions::RawEnvelope;

fn spawn(stdout: impl Into<Stdio>) -> Child {
    spawn_with(&[], stdout)
}

fn spawn_with(arguments: &[&str], stdout: impl Into<Stdio>) -> Child {
    let mut program = Command::new(env!("CARGO_BIN_EXE_stdout_events"));
    program
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .expect("it was built with the tests")
}

/// Lets it emit the rest, and gives what it says of all of them.
fn finish(mut child: Child) -> String {
    // One that has ended already does not wait for it.
    let _ = child.stdin.take().expect("it is a pipe").write_all(b"go\n");
    let mut said = String::new();
    child.stderr.take().expect("it is a pipe").read_to_string(&mut said).expect("it is text");
    assert!(child.wait().expect("it ends").success(), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said.lines().last().expect("it says something").to_owned()
}

fn number(line: &str) -> u64 {
    let event = RawEnvelope::from_structured(line.as_bytes().to_vec()).expect("a line is an event");
    assert_eq!(event.event_type, "line.printed");
    let payload: serde_json::Value = serde_json::from_slice(&event.payload).expect("it is JSON");
    payload["line_number"].as_u64().expect("it is a number")
}

#[test]
fn there_is_one_event_per_line_in_the_order_of_emission() {
    let mut child = spawn(Stdio::piped());
    let stdout = child.stdout.take().unwrap();
    let reader =
        std::thread::spawn(move || BufReader::new(stdout).lines().map(|line| number(&line.unwrap())).collect());
    assert_eq!(finish(child), "acked 10 parked 0 letters 0 lost 0");
    let numbers: Vec<u64> = reader.join().unwrap();
    assert!(numbers.into_iter().eq(0..10));
}

#[test]
fn a_reader_that_goes_away_fails_the_events_it_does_not_read_and_loses_none() {
    let mut child = spawn(Stdio::piped());
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(number(&line), 0);
    drop(reader);
    assert_eq!(finish(child), "acked 1 parked 9 letters 9 lost 0");
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_fails_every_event_and_loses_none() {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    assert_eq!(finish(spawn(full)), "acked 0 parked 10 letters 10 lost 0");
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_nobody_reads_keeps_one_thread_and_no_more() {
    let mut child = spawn_with(&["1000000"], Stdio::piped());
    let _unread = child.stdout.take();
    assert_eq!(finish(child), "1 2 threads", "one runs the program, and one hangs");
}
