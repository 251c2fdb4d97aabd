//! How far a long step has come: one line on a terminal's stderr, gone when the step ends.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// A step shorter than this shows nothing.
const QUIET: Duration = Duration::from_millis(200);
/// Between two redraws.
const PAUSE: Duration = Duration::from_millis(80);
const BAR: usize = 16;

/// One step. Draws only where somebody watches: never into a file or a pipe.
pub(crate) struct Progress {
    label: &'static str,
    done: usize,
    total: usize,
    draw_next: Option<Instant>,
    drawn: bool,
}

impl Progress {
    pub(crate) fn new(label: &'static str, total: usize) -> Self {
        let draw_next = io::stderr().is_terminal().then(|| Instant::now() + QUIET);
        Self { label, done: 0, total, draw_next, drawn: false }
    }

    pub(crate) fn advance(&mut self, by: usize) {
        self.done += by;
        let Some(draw_next) = self.draw_next else { return };
        let now = Instant::now();
        if now >= draw_next {
            self.draw_next = Some(now + PAUSE);
            self.drawn = true;
            // A line that can't be drawn is no reason to stop the import.
            let _ = write!(io::stderr(), "\r\x1b[2K{}", line(self.label, self.done, self.total));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}

/// At most 42 columns, so that it fits a narrow window on one line.
fn line(label: &str, done: usize, total: usize) -> String {
    let percent = (done.min(total) * 100).checked_div(total).unwrap_or(100);
    let filled = percent * BAR / 100;
    format!("  {label:<17}{}{} {percent:>3} %", "█".repeat(filled), "░".repeat(BAR - filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_a_line_of_fixed_width() {
        assert_eq!(line("storing contacts", 0, 1_000), "  storing contacts ░░░░░░░░░░░░░░░░   0 %");
        assert_eq!(line("storing contacts", 500, 1_000), "  storing contacts ████████░░░░░░░░  50 %");
        assert_eq!(line("storing contacts", 2_000, 1_000), "  storing contacts ████████████████ 100 %");
        assert_eq!(line("storing contacts", 0, 0).chars().count(), 41);
    }
}
