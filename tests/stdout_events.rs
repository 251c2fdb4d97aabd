//! A process that writes events to its standard output, for the tests of `Stdout`.
//!
//! Given a number, it emits one event of so many bytes, and says how many threads it has when that was
//! given up. Otherwise it emits one event and waits for its end, then waits for a line on its standard input, and emits
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
    if let Some(bytes) = std::env::args().nth(1) {
        return give_up(&bytes).await;
    }
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

/// Tries many times what takes longer than it may.
async fn give_up(bytes: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let options = AdapterOptions::default()
        .retry(20, Duration::from_millis(1), Duration::from_millis(1))
        .timeout(Duration::from_millis(5))
        .without_breaker();
    let emissions = Emissions::builder()
        .source("/printer")
        .adapter_with("stdout", Stdout::new(), options)
        .route("**", "stdout")
        .start()
        .await?;
    let buffer = emissions.start();
    buffer.emit(LinePrinted { line_number: 0, line_text: "x".repeat(bytes.parse()?) })?;
    let error = buffer.commit_acked().await.err().ok_or("somebody has read it")?;
    let threads = std::fs::read_dir("/proc/self/task")?.count();
    eprintln!("{} {threads} threads", error.failures().len());
    // A thread hangs, and the runtime would wait for it.
    std::process::exit(0)
}
