//! A process that writes events to its standard output, for the tests of `Stdout`.
//!
//! It emits one event and waits for its end, then waits for a line on its standard input, and emits
//! the others. What became of all of them is in the last line of its standard error.

use std::{
    io::{BufRead, stdin},
    time::Duration,
};

use emissions::{AdapterOptions, Emissions, adapters::Stdout, event};

/// A line was printed.
#[event(name = "line.printed")]
struct LinePrinted {
    /// Number of the line.
    line_number: u64,
    /// What is on it.
    line_text: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let options = AdapterOptions::default().retry(2, Duration::from_millis(1), Duration::from_millis(1));
    let emissions = Emissions::builder()
        .source("/printer")
        .adapter_with("stdout", Stdout::new(), options.without_breaker())
        .route("**", "stdout")
        .start()
        .await?;
    let print = |line_number: u64| {
        let line_text = format!("\"{line_number}\"\nand a second line, which is none");
        emissions.emit(LinePrinted { line_number, line_text }).map(drop)
    };
    print(0)?;
    while emissions.adapter_counters("stdout").is_some_and(|counters| counters.in_flight > 0) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stdin().lock().read_line(&mut String::new())?;
    for line_number in 1..10 {
        print(line_number)?;
    }
    let report = emissions.shutdown(Duration::from_secs(20)).await;
    let counters = emissions.adapter_counters("stdout").unwrap_or_default();
    let letters = emissions.dead_letters().list().await?;
    eprintln!("acked {} parked {} letters {} lost {}", counters.acked, counters.parked, letters.len(), report.lost);
    Ok(())
}
