//! Durations as attributes write them.

use std::time::Duration;

use syn::LitStr;

/// Reads `"250ms"`, `"5s"`, `"2m"` or `"1h"`.
pub(crate) fn parse(literal: &LitStr) -> syn::Result<Duration> {
    from_text(&literal.value()).ok_or_else(|| {
        let message = format!(
            "`{}` is no duration\nwrite a whole number above zero and its unit: \"250ms\", \"5s\", \"2m\" or \"1h\"",
            literal.value()
        );
        syn::Error::new_spanned(literal, message)
    })
}

/// Reads `"100ms"` or `"100ms..5s"`: the first pause, and the longest one.
pub(crate) fn parse_range(literal: &LitStr) -> syn::Result<(Duration, Duration)> {
    let text = literal.value();
    let (first, longest) = text.split_once("..").unwrap_or((&text, &text));
    match (from_text(first), from_text(longest)) {
        (Some(first), Some(longest)) if !text.contains("..") => Ok((first, longest.saturating_mul(64))),
        (Some(first), Some(longest)) if first <= longest => Ok((first, longest)),
        _ => {
            let message = format!(
                "`{text}` is no back-off\nwrite the first pause, \"100ms\", or the first and the longest, \"100ms..5s\""
            );
            Err(syn::Error::new_spanned(literal, message))
        }
    }
}

fn from_text(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok().filter(|&number| number > 0)?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::from_text;

    #[test]
    fn a_number_and_its_unit() {
        assert_eq!(from_text("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(from_text("2m"), Some(Duration::from_mins(2)));
        for text in ["", "5", "s", "-5s", "0s", "5 s", "5sec", "1.5s", "99999999999999999999s", "99999999999999999h"] {
            assert_eq!(from_text(text), None, "{text:?}");
        }
    }
}
