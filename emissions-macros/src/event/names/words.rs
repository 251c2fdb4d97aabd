//! A name as its words.

/// Words of a name in any case style, in lower case: `orderTotalCents` and `order-total_cents` are
/// the same three.
pub(crate) fn split(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = name.chars().peekable();
    let mut previous_lower = false;
    while let Some(letter) = letters.next() {
        if !letter.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            previous_lower = false;
            continue;
        }
        let next_lower = letters.peek().is_some_and(|next| next.is_lowercase());
        // `orderId` breaks before `I`, `HTTPCode` before `C`.
        if letter.is_uppercase() && !word.is_empty() && (previous_lower || next_lower) {
            words.push(std::mem::take(&mut word));
        }
        previous_lower = letter.is_lowercase() || letter.is_numeric();
        word.extend(letter.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// The word as a table lists it: `prices` is `price`.
pub(crate) fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::{singular, split};

    #[test]
    fn every_case_style_gives_the_same_words() {
        for name in [
            "order_total_cents",
            "orderTotalCents",
            "OrderTotalCents",
            "order-total-cents",
            "ORDER_TOTAL_CENTS",
            "ORDER-TOTAL-CENTS",
        ] {
            assert_eq!(split(name), ["order", "total", "cents"], "{name}");
        }
        assert_eq!(split("HTTPCode"), ["http", "code"]);
        assert_eq!(split("__a1B_"), ["a1", "b"]);
        assert_eq!(split(""), [""; 0]);
    }

    #[test]
    fn plurals_are_looked_up_as_singulars() {
        for (word, expected) in [("prices", "price"), ("status", "status"), ("address", "address"), ("ms", "ms")] {
            assert_eq!(singular(word), expected);
        }
    }
}
