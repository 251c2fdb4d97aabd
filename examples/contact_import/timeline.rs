//! What the example prints: a timeline, and claims that are checked before they are made.

use std::{
    error::Error,
    fmt::Display,
    io::{self, IsTerminal, Write},
    time::Instant,
};

/// Where nobody tells, as in a file: also what the expected output is compared at.
const USUAL_WIDTH: usize = 80;
/// A window so narrow that it can't be helped.
const LEAST_WIDTH: usize = 32;
/// Width of "  0.00 s  " and of a step's name.
const TIME: usize = 10;
const NAME: usize = 9;

/// Writes to stdout, line by line.
pub(crate) struct Timeline<W = io::Stdout> {
    out: W,
    started: Instant,
    width: usize,
    colours: bool,
    claims: usize,
    broken: Vec<String>,
}

impl Timeline {
    pub(crate) fn to_stdout() -> Self {
        let colours = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let width = terminal_size::terminal_size_of(io::stdout())
            .map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0).max(LEAST_WIDTH));
        Self::new(io::stdout(), width, colours)
    }
}

impl<W: Write> Timeline<W> {
    fn new(out: W, width: usize, colours: bool) -> Self {
        Self { out, started: Instant::now(), width, colours, claims: 0, broken: Vec::new() }
    }

    /// A heading with an empty line on both sides.
    pub(crate) fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = self.painted("1", text);
        writeln!(self.out, "\n{text}\n")
    }

    /// Lines at the margin.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        for line in wrapped(text, self.width) {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    /// Something that happened, with the time since the beginning. Further lines of the text are indented.
    pub(crate) fn step(&mut self, name: &str, text: impl Display) -> io::Result<()> {
        let text = printable(&text.to_string());
        let mut lines = wrapped(&text, self.width - TIME - NAME).into_iter();
        let first = lines.next().unwrap_or_default();
        writeln!(self.out, "{:>6.2} s  {name:<NAME$}{first}", self.started.elapsed().as_secs_f64())?;
        self.indented(TIME + NAME, lines)
    }

    /// A claim, and whether it holds. One that doesn't makes the run fail.
    pub(crate) fn claim(&mut self, text: impl Display, holds: bool) -> io::Result<()> {
        let text = text.to_string();
        let mark = if holds { self.painted("32", "✓") } else { self.painted("31", "✗") };
        let mut lines = wrapped(&text, self.width - TIME - 2).into_iter();
        writeln!(self.out, "{:TIME$}{mark} {}", "", lines.next().unwrap_or_default())?;
        self.indented(TIME + 2, lines)?;
        self.claims += 1;
        if !holds {
            self.broken.push(text);
        }
        Ok(())
    }

    /// A table; the first column is text, the others are figures.
    pub(crate) fn table<const COLUMNS: usize>(
        &mut self,
        head: [&str; COLUMNS],
        rows: &[[String; COLUMNS]],
    ) -> io::Result<()> {
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([head[column].chars().count()]).max().unwrap_or_default()
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        let line = |cells: [&str; COLUMNS]| {
            let padded = |(column, cell): (usize, &str)| match widths[column] {
                width if column == 0 => format!("  {cell:<width$}"),
                width => format!("  {cell:>width$}"),
            };
            cells.into_iter().enumerate().map(padded).collect::<String>()
        };
        let head = line(head);
        writeln!(self.out, "{}", self.painted("1", &head))?;
        for row in rows {
            writeln!(self.out, "{}", line(row.each_ref().map(String::as_str)))?;
        }
        Ok(())
    }

    /// Says how many claims held, and which didn't. `true` if all of them did.
    pub(crate) fn conclude(mut self) -> io::Result<bool> {
        let (claims, broken) = (self.claims, std::mem::take(&mut self.broken));
        if broken.is_empty() {
            writeln!(self.out, "\n{claims} claims, each checked: all hold")?;
        } else {
            writeln!(self.out, "\n{} of {claims} claims do not hold:", broken.len())?;
            for claim in &broken {
                writeln!(self.out, "  {} {claim}", self.painted("31", "✗"))?;
            }
        }
        self.out.flush()?;
        Ok(broken.is_empty() && claims > 0)
    }

    fn indented(&mut self, by: usize, lines: impl Iterator<Item = String>) -> io::Result<()> {
        for line in lines {
            writeln!(self.out, "{:by$}{line}", "")?;
        }
        Ok(())
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// An error and what it came from. Many errors name their source themselves: that isn't repeated.
pub(crate) fn with_sources(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !texts.last().is_some_and(|last| last.ends_with(&text)) {
            texts.push(text);
        }
        source = error.source();
    }
    texts.join(": ")
}

/// A stranger's address book must not steer the terminal.
fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n', "\u{FFFD}")
}

/// Breaks the lines of a text between words, and words that are longer than a line. A line keeps its own
/// indentation.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        // However far a line is indented, some of it has to fit.
        let room = width.saturating_sub(indent).max(1);
        if line.chars().count() <= width {
            lines.push(line.to_owned());
            continue;
        }
        let mut current = String::new();
        for word in line.split_whitespace().flat_map(|word| pieces(word, room)) {
            let taken = current.chars().count();
            if taken > 0 && taken + 1 + word.chars().count() > room {
                lines.push(format!("{:indent$}{current}", ""));
                current.clear();
            } else if taken > 0 {
                current.push(' ');
            }
            current.push_str(&word);
        }
        lines.push(format!("{:indent$}{current}", ""));
    }
    lines
}

fn pieces(word: &str, room: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(room).map(|piece| piece.iter().collect()).collect()
}

/// A number with a comma at every third digit.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and what it counts.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::{super::queue::QueueError, *};

    fn printed(write: impl FnOnce(&mut Timeline<&mut Vec<u8>>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut Timeline::new(&mut out, USUAL_WIDTH, false)).expect("written to memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn steps_are_aligned() {
        let text = printed(|timeline| timeline.step("store", "one\ntwo").and_then(|()| timeline.claim("three", true)));
        let indent = " ".repeat(19);
        assert_eq!(text, format!("  0.00 s  store    one\n{indent}two\n          ✓ three\n"));
    }

    #[test]
    fn what_steers_a_terminal_is_not_printed() {
        assert_eq!(printable("\x1b[2Jname\r\n\u{9b}31m"), "\u{FFFD}[2Jname\u{FFFD}\n\u{FFFD}31m");
    }

    #[test]
    fn a_false_claim_is_remembered() {
        let mut out = Vec::new();
        let mut timeline = Timeline::new(&mut out, USUAL_WIDTH, false);
        timeline.claim("water is wet", true).expect("written to memory");
        timeline.claim("fire is cold", false).expect("written to memory");
        assert!(!timeline.conclude().expect("written to memory"));
        let text = String::from_utf8(out).expect("text");
        assert!(text.ends_with("\n1 of 2 claims do not hold:\n  ✗ fire is cold\n"), "{text}");
    }

    #[test]
    fn a_run_without_claims_has_shown_nothing() {
        assert!(!Timeline::new(Vec::new(), USUAL_WIDTH, false).conclude().expect("written to memory"));
    }

    #[test]
    fn a_table_is_aligned() {
        let rows = [["contacts".into(), "1,000".into(), "7".into()], ["é".into(), "0".into(), "10".into()]];
        let text = printed(|timeline| timeline.table(["", "act 1", "2"], &rows));
        assert_eq!(text, "            act 1   2\n  contacts  1,000   7\n  é             0  10\n");
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        assert_eq!(wrapped("a bcd ef\n  gh ij k", 5), ["a bcd", "ef", "  gh", "  ij", "  k"]);
        assert_eq!(wrapped("as wide as it is", 80), ["as wide as it is"]);
        assert_eq!(wrapped("an unbreakable", 5), ["an", "unbre", "akabl", "e"]);
        assert_eq!(wrapped("    ab c", 3), ["    a", "    b", "    c"]);
        assert_eq!(wrapped("é é é", 3), ["é é", "é"]);
    }

    #[test]
    fn errors_name_their_sources() {
        let error = QueueError::OutOfReach(io::Error::from(io::ErrorKind::ConnectionRefused).into());
        assert_eq!(with_sources(&error), "the job queue is out of reach: connection refused");
        let repeats = QueueError::Refused(sqlx::Error::Io(io::Error::other("the disk is gone")).into());
        assert_eq!(with_sources(&repeats).matches("the disk is gone").count(), 1);
    }

    #[test]
    fn numbers() {
        assert_eq!(
            [0, 999, 1_000, 100_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "100,000", "1,234,567"].map(str::to_owned)
        );
        assert_eq!(count(1, "job", "jobs"), "1 job");
        assert_eq!(count(1_000, "job", "jobs"), "1,000 jobs");
    }
}
