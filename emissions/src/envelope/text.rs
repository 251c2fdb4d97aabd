//! Which text an attribute may hold.

/// Whether CloudEvents 1.0.2 ("Type System", String) allows every character: no control
/// characters and no Unicode noncharacters. Surrogates can't occur in a `str`.
pub(crate) fn is_attribute_text(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || is_noncharacter(c))
}

fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// Whether the text is a name for an attribute: 1 to 20 lower-case letters and digits.
pub(crate) fn is_attribute_name(name: &str) -> bool {
    (1..=20).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// The beginning of a text from outside, fit for a message: escaped and cut.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut cut: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_control_and_noncharacters_is_allowed() {
        for allowed in ["", "plain", "Euro € 😀", "\u{a0}", "\u{fdcf}\u{fdf0}\u{fffd}"] {
            assert!(is_attribute_text(allowed), "{allowed:?}");
        }
        for refused in ["\0", "a\nb", "\u{7f}", "\u{9f}", "\u{fdd0}", "\u{fdef}", "\u{ffff}", "\u{1fffe}", "\u{10ffff}"]
        {
            assert!(!is_attribute_text(refused), "{refused:?}");
        }
    }

    #[test]
    fn excerpts_are_short_and_printable() {
        assert_eq!(excerpt("a\n\"b\""), "a\\n\\\"b\\\"");
        assert_eq!(excerpt(&"x".repeat(80)), "x".repeat(80));
        assert_eq!(excerpt(&"x".repeat(81)), format!("{}…", "x".repeat(80)));
    }
}
