//! Percent-encoding of header values: HTTP Protocol Binding 1.0.2, section 3.1.3.2.

use std::borrow::Cow;

use super::ValueFault;

/// Encodes space, double quote, percent sign and everything outside U+0021 to U+007E.
pub(super) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if matches!(byte, 0x21..=0x7e) && byte != b'"' && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            let digit = |nibble: u8| char::from(b"0123456789ABCDEF"[usize::from(nibble)]);
            encoded.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
    encoded
}

/// Undoes one layer of quoting (RFC 7230, section 3.2.6), which older producers use, and then one
/// round of percent-encoding.
pub(super) fn decode(value: &[u8]) -> Result<Cow<'_, str>, ValueFault> {
    let value = unquote(trim(value))?;
    let decoded = if value.contains(&b'%') { Cow::Owned(unescape(&value)?) } else { value };
    match decoded {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| ValueFault::NotUtf8),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| ValueFault::NotUtf8),
    }
}

/// Optional whitespace around a header value is not part of it.
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn unquote(value: &[u8]) -> Result<Cow<'_, [u8]>, ValueFault> {
    let Some(quoted) = value.strip_prefix(b"\"") else { return Ok(Cow::Borrowed(value)) };
    let mut content = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if bytes.len() == 0 => return Ok(Cow::Owned(content)),
            b'"' => break,
            b'\\' => content.push(bytes.next().ok_or(ValueFault::Quoting)?),
            byte => content.push(byte),
        }
    }
    Err(ValueFault::Quoting)
}

fn unescape(value: &[u8]) -> Result<Vec<u8>, ValueFault> {
    let digit = |byte: Option<u8>| {
        let digit = char::from(byte?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let mut decoded = Vec::with_capacity(value.len());
    let mut bytes = value.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => match (digit(bytes.next()), digit(bytes.next())) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(ValueFault::Percent),
            },
            byte => byte,
        });
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_binding() {
        let encoded = "Euro%20%E2%82%AC%20%F0%9F%98%80";
        assert_eq!(encode("Euro € 😀"), encoded);
        assert_eq!(decode(encoded.as_bytes()).unwrap(), "Euro € 😀");
    }

    #[test]
    fn needless_and_lower_case_encoding_is_read() {
        assert_eq!(decode(b"%41%e2%82%ac").unwrap(), "A€");
        assert_eq!(decode("€".as_bytes()).unwrap(), "€");
        assert_eq!(decode(b"%2541").unwrap(), "%41", "one round only");
    }

    #[test]
    fn quoted_values_of_older_producers_are_read() {
        assert_eq!(decode(br#" "a \"b\" \\ %20c" "#).unwrap(), "a \"b\" \\  c");
        assert_eq!(decode(br#"a"b"#).unwrap(), "a\"b", "a quote inside quotes nothing");
        for open in [&br#"""#[..], br#""a"#, br#""a\"#, br#""a"b"#] {
            assert_eq!(decode(open), Err(ValueFault::Quoting), "{}", open.escape_ascii());
        }
    }

    #[test]
    fn what_is_no_utf_8_is_refused() {
        // Overlong space: the binding names it.
        assert_eq!(decode(b"%C0%A0"), Err(ValueFault::NotUtf8));
        assert_eq!(decode(b"\xff"), Err(ValueFault::NotUtf8));
        assert_eq!(decode(b"%ED%A0%80"), Err(ValueFault::NotUtf8));
        for cut in [&b"100%"[..], b"%4", b"%zz", b"%%41"] {
            assert_eq!(decode(cut), Err(ValueFault::Percent), "{}", cut.escape_ascii());
        }
    }
}
