//! Patterns over event names.

/// A pattern over dotted names: `*` stands for one segment, `**` for any number of them, also none.
///
/// ```
/// use emissions::registry::NamePattern;
///
/// let pattern = NamePattern::parse("contact.**").unwrap();
/// assert!(pattern.matches("contact.bulk_upserted") && pattern.matches("contact.card.printed"));
/// assert!(!pattern.matches("order.created"));
/// assert!(NamePattern::parse("contact..x").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Exactly(String),
    One,
    Many,
}

impl NamePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// A segment is empty, or mixes `*` with other characters, or has characters no name has.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let segment = |text: &str| match text {
            "*" => Some(Segment::One),
            "**" => Some(Segment::Many),
            "" => None,
            _ if text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') => {
                Some(Segment::Exactly(text.to_owned()))
            }
            _ => None,
        };
        let segments = text.split('.').map(segment).collect::<Option<_>>();
        segments.map(|segments| Self { segments }).ok_or_else(|| PatternError { text: text.to_owned() })
    }

    /// Whether the pattern covers this name (without its version).
    pub fn matches(&self, name: &str) -> bool {
        let names: Vec<&str> = name.split('.').collect();
        // reach[i]: the segments so far can cover the first i names.
        let mut reach = vec![false; names.len() + 1];
        reach[0] = true;
        for segment in &self.segments {
            let mut next = vec![false; names.len() + 1];
            for from in (0..reach.len()).filter(|&from| reach[from]) {
                match segment {
                    Segment::Many => next[from..].fill(true),
                    Segment::One if from < names.len() => next[from + 1] = true,
                    Segment::Exactly(text) if names.get(from) == Some(&text.as_str()) => next[from + 1] = true,
                    Segment::One | Segment::Exactly(_) => {}
                }
            }
            reach = next;
        }
        reach[names.len()]
    }
}

/// The text is no pattern over event names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no pattern of event names: write segments of lower-case letters joined by dots, `*` for one of them, `**` for any number"
)]
pub struct PatternError {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::NamePattern;

    fn matches(pattern: &str, name: &str) -> bool {
        NamePattern::parse(pattern).is_ok_and(|pattern| pattern.matches(name))
    }

    #[test]
    fn a_star_is_one_segment_and_two_are_any_number() {
        for (pattern, name, expected) in [
            ("order.created", "order.created", true),
            ("order.created", "order.created.twice", false),
            ("order.*", "order.created", true),
            ("order.*", "order", false),
            ("order.*", "order.line.added", false),
            ("order.**", "order.line.added", true),
            ("order.**", "order", true),
            ("**", "anything.at.all", true),
            ("**.added", "order.line.added", true),
            ("**.added", "order.line.removed", false),
            ("*.line.*", "order.line.added", true),
            ("**.line.**", "line", true),
            ("**.**", "a", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} over {name}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", ".", "a.", ".a", "a..b", "a*", "***", "A.b", "a b"] {
            assert!(NamePattern::parse(text).is_err(), "{text:?} passed");
        }
    }

    #[test]
    fn many_wildcards_stay_cheap() {
        let pattern = ["**"; 40].join(".") + ".end";
        assert!(!matches(&pattern, &["x"; 200].join(".")));
    }
}
