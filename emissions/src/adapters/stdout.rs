//! Events on the standard output.

use std::io::{self, Write};

use crate::{
    envelope::RawEnvelope,
    pipeline::{
        adapter::Adapter,
        capabilities::Capabilities,
        delivery::{Delivery, Settlement},
    },
};

/// Writes events to the standard output: one `CloudEvents` object in structured mode per line.
///
/// Sensitive fields are part of the payload and are written as such.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Stdout;

impl Stdout {
    /// The standard output of this process.
    pub fn new() -> Self {
        Self
    }
}

impl Adapter for Stdout {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default().ordered()
    }

    async fn deliver(&self, batch: &[RawEnvelope]) -> Delivery {
        let lines: Vec<_> = batch.iter().map(RawEnvelope::to_structured).collect();
        let write = move || {
            let mut out = io::stdout().lock();
            let mut broken = None;
            let mut settlements = Vec::with_capacity(lines.len());
            for line in lines {
                settlements.push(match (line, &broken) {
                    (Err(error), _) => Settlement::refused(error),
                    (Ok(_), Some(error)) => Settlement::retry(format!("an earlier line can't be written: {error}")),
                    (Ok(mut line), None) => {
                        line.push(b'\n');
                        match out.write_all(&line).and_then(|()| out.flush()) {
                            Ok(()) => Settlement::Acked,
                            Err(error) => {
                                let settlement = Settlement::retry(format!("the line can't be written: {error}"));
                                broken = Some(error);
                                settlement
                            }
                        }
                    }
                });
            }
            settlements.into_iter().collect()
        };
        // A pipe nobody reads blocks.
        match tokio::task::spawn_blocking(write).await {
            Ok(delivery) => delivery,
            Err(error) => Delivery::retry(batch, error),
        }
    }
}
