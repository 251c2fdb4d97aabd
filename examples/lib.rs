//! What the tests of the examples and the continuous integration share.

/// Replaces what differs from run to run in the output of an example: the time in the margin and every
/// duration by `<time>`, every UUID by `<id>`.
///
/// Nothing else is touched, so that every figure, word and space is compared.
#[must_use]
pub fn normalise(output: &str) -> String {
    output.split_inclusive('\n').map(normalise_line).collect()
}

fn normalise_line(line: &str) -> String {
    let (mut normal, rest) = match time_in_margin(line) {
        Some(rest) => ("  <time>".to_owned(), rest),
        None => (String::new(), line),
    };
    let mut rest = rest;
    while let Some(start) = rest.find(is_word) {
        let word_and_more = &rest[start..];
        let end = word_and_more.find(|c| !is_word(c)).unwrap_or(word_and_more.len());
        let (word, more) = word_and_more.split_at(end);
        normal.push_str(&rest[..start]);
        normal.push_str(if is_uuid(word) {
            "<id>"
        } else if is_duration(word) {
            "<time>"
        } else {
            word
        });
        rest = more;
    }
    normal + rest
}

/// What follows a time at the beginning of a line, such as `  0.12 s`.
fn time_in_margin(line: &str) -> Option<&str> {
    let (number, rest) = line.trim_start().split_once(" s ")?;
    let indented = line.starts_with(' ');
    (indented && number.contains('.') && number.parse::<f64>().is_ok()).then(|| &line[line.len() - rest.len() - 1..])
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

fn is_uuid(word: &str) -> bool {
    let groups: Vec<&str> = word.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_duration(word: &str) -> bool {
    let number = word.trim_end_matches(char::is_alphabetic);
    matches!(&word[number.len()..], "s" | "ms" | "µs" | "ns") && number.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn times_and_ids_are_replaced() {
        assert_eq!(normalise("  0.12 s  call 1   Ok\n 21.05 s  x"), "  <time>  call 1   Ok\n  <time>  x");
        assert_eq!(normalise("failed: refused, 398.6µs\n"), "failed: refused, <time>\n");
        assert_eq!(normalise("12ms (4.5s) 3ns."), "<time> (<time>) 3ns.");
        assert_eq!(normalise("v1 (01a1fba7-ee4b-72c6-9933-d3ac9fe59353) shut"), "v1 (<id>) shut");
    }

    #[test]
    fn nothing_else_is() {
        for text in
            ["10 jobs, 1,000 people\n", "a.b.3@x-y.example", "3 of 10\n\n", "s ms 5 s", "set by call 3", "1-2-3"]
        {
            assert_eq!(normalise(text), text);
        }
    }
}
