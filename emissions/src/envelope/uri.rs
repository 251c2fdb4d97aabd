//! URIs and URI references: RFC 3986, sections 3 and 4.1.

/// Whether the text is an absolute or relative reference with at least one character.
pub(crate) fn is_reference(text: &str) -> bool {
    let (rest, fragment) = split(text, '#');
    let (rest, query) = split(rest, '?');
    let (scheme, hierarchy) = match rest.split_once(':') {
        // A colon after a slash belongs to the path.
        Some((before, after)) if !before.contains('/') => (Some(before), after),
        _ => (None, rest),
    };
    let (authority, path) = match hierarchy.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, hierarchy),
    };
    !text.is_empty()
        && scheme.is_none_or(is_scheme)
        && authority.is_none_or(is_authority)
        && is_made_of(path, b":@/")
        && [query, fragment].into_iter().flatten().all(|part| is_made_of(part, b":@/?"))
}

/// Whether the text is a URI, which starts with a scheme.
pub(crate) fn is_absolute(text: &str) -> bool {
    is_reference(text) && text.find([':', '/', '?', '#']).is_some_and(|at| text[at..].starts_with(':'))
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn is_authority(text: &str) -> bool {
    let (user, host) = text.rsplit_once('@').unwrap_or(("", text));
    let is_port = |text: &str| {
        text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
    };
    let host_fits = if let Some(literal) = host.strip_prefix('[') {
        // An IP literal; its digits are the resolver's affair.
        literal.split_once(']').is_some_and(|(address, port)| is_made_of(address, b":") && is_port(port))
    } else {
        let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
        is_made_of(name, b"") && is_port(port)
    };
    is_made_of(user, b":") && host_fits
}

/// Unreserved characters, sub-delimiters, percent-encoded bytes, and the extra ones.
fn is_made_of(text: &str, extra: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => [bytes.next(), bytes.next()].iter().all(|digit| digit.is_some_and(|d| d.is_ascii_hexdigit())),
            byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte) || extra.contains(&byte),
        };
        if !fits {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{is_absolute, is_reference};

    #[test]
    fn references() {
        for (text, absolute) in [
            ("/contacts", false),
            ("contacts", false),
            ("//host:80/path?q=a/b?c#f", false),
            ("?q", false),
            ("#", false),
            ("a/b:c", false),
            ("./a:b", false),
            ("https://user:word@example.com:8080/a%20b", true),
            ("http://[2001:db8::7]:80/", true),
            ("urn:emissions:order.created:v1", true),
            ("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", true),
            ("mailto:a@example.com", true),
        ] {
            assert!(is_reference(text), "{text}");
            assert_eq!(is_absolute(text), absolute, "{text}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            " ",
            "a b",
            "/caf\u{e9}",
            "/a%2",
            "/a%zz",
            "/a\\b",
            "a#b#c",
            "1a:b",
            ":a",
            "http://[::1",
            "http://h:x/",
            "/[a]",
            "http://a:b:c/",
            "<>",
        ] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
