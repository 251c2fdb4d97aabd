//! Events on the standard output.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use super::InTurn;
use crate::{
    envelope::RawEnvelope,
    pipeline::{
        adapter::Adapter,
        capabilities::Capabilities,
        delivery::{Delivery, Settlement},
    },
    wire::EncodeError,
};

/// Writes events to the standard output: one `CloudEvents` object in structured mode per line.
///
/// A line that can't be written, because the disk is full or nobody reads the pipe any more, is the
/// failure of its event: it is tried again, and parked in the end. What a write that failed half-way
/// has left is ended by a line break before the next event, so that it spoils none but itself.
///
/// A pipe that is full blocks one thread of the runtime's pool until somebody reads it; a runtime that
/// is dropped waits for it, unless it is shut down with a limit.
///
/// Sensitive fields are part of the payload and are written as such.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Stdout {
    /// The last write has failed, and may have left a part of its line.
    torn: Arc<AtomicBool>,
    in_turn: InTurn,
}

impl Stdout {
    /// The standard output of this process.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Adapter for Stdout {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default().ordered()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let lines: Vec<_> = batch.iter().map(RawEnvelope::to_structured).collect();
        let torn = Arc::clone(&self.torn);
        // A pipe nobody reads blocks.
        match self.in_turn.run(move || write_lines(&mut io::stdout().lock(), lines, &torn)).await {
            Ok(delivery) => delivery,
            Err(error) => Delivery::retry(batch, error),
        }
    }
}

/// Writes line by line, up to the first that fails; those behind it come again with it.
fn write_lines(out: &mut impl Write, lines: Vec<Result<Vec<u8>, EncodeError>>, torn: &AtomicBool) -> Delivery {
    let mut broken = None;
    let settle = |line: Result<Vec<u8>, EncodeError>| match (line, &broken) {
        (Err(error), _) => Settlement::refused(error),
        (Ok(_), Some(error)) => Settlement::retry(format!("an earlier line can't be written: {error}")),
        (Ok(mut line), None) => {
            line.push(b'\n');
            if torn.swap(true, SeqCst) {
                line.insert(0, b'\n');
            }
            match out.write_all(&line).and_then(|()| out.flush()) {
                Ok(()) => {
                    torn.store(false, SeqCst);
                    Settlement::Acked
                }
                Err(error) => {
                    let settlement = Settlement::retry(format!("the line can't be written: {error}"));
                    broken = Some(error);
                    settlement
                }
            }
        }
    };
    lines.into_iter().map(settle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes, and then fails once.
    struct Full {
        room: usize,
        taken: Vec<u8>,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let room = std::mem::replace(&mut self.room, usize::MAX);
            if room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let taken = bytes.len().min(room);
            self.room = room.saturating_sub(taken);
            self.taken.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_none_but_itself() {
        for room in 0..12 {
            let (mut out, torn) = (Full { room, taken: Vec::new() }, AtomicBool::new(false));
            let mut left = vec!["one", "two", "three"];
            let mut calls = 0;
            while !left.is_empty() {
                let lines = left.iter().map(|line| Ok(line.as_bytes().to_vec())).collect();
                let settlements = write_lines(&mut out, lines, &torn).into_settlements();
                let acked = settlements.iter().take_while(|settlement| settlement.is_acked()).count();
                assert!(settlements[acked..].iter().all(|settlement| !settlement.is_acked()), "order is kept");
                left.drain(..acked);
                calls += 1;
            }
            assert!(calls <= 2);
            let text = String::from_utf8(out.taken).unwrap();
            let whole: Vec<_> = text.lines().filter(|line| ["one", "two", "three"].contains(line)).collect();
            // A line of which all but the answer was written comes twice.
            let mut once = whole.clone();
            once.dedup();
            assert_eq!(once, ["one", "two", "three"], "{room}: {text:?}");
        }
    }
}
