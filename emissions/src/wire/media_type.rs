//! What a content type says: RFC 2045, section 5.1.

/// What the body of a message is, judged by its content type.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/cloudevents+json`: a whole event in JSON.
    StructuredJson,
    /// `application/cloudevents-batch+json` and its like: many events.
    Batch,
    /// `application/cloudevents+…`: an event in another format.
    StructuredOther,
    /// `*/json` or `*/*+json`, in UTF-8: the payload of an event.
    Json,
    /// Anything else.
    Other,
}

impl MediaType {
    /// Reads a content type; media types and names of parameters know no case.
    pub(super) fn of(text: &str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let charset = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        let utf_8 = charset.is_none_or(|charset| matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii"));
        let Some((kind, subtype)) = media.split_once('/') else { return Self::Other };
        if kind.is_empty() || subtype.contains('/') {
            return Self::Other;
        }
        let (tree, suffix) = subtype.rsplit_once('+').unwrap_or((subtype, ""));
        match (kind, tree, suffix) {
            ("application", "cloudevents", "json" | "") if utf_8 => Self::StructuredJson,
            ("application", "cloudevents-batch", _) => Self::Batch,
            ("application", "cloudevents", _) => Self::StructuredOther,
            (_, "json", "") if utf_8 => Self::Json,
            (_, tree, "json") if utf_8 && !tree.is_empty() => Self::Json,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MediaType::{self, Batch, Json, Other, StructuredJson, StructuredOther};

    #[test]
    fn content_types_are_told_apart() {
        for (text, media_type) in [
            ("application/json", Json),
            ("Application/JSON; Charset=\"UTF-8\"", Json),
            ("text/json", Json),
            ("application/vnd.orders.v2+json", Json),
            ("application/json; charset=iso-8859-1", Other),
            ("application/+json", Other),
            ("/json", Other),
            ("json", Other),
            ("", Other),
            ("application/jsonl", Other),
            ("application/json/x", Other),
            ("application/xml", Other),
            ("application/cloudevents+json", StructuredJson),
            ("application/cloudevents+json; charset=utf-8", StructuredJson),
            ("application/CloudEvents", StructuredJson),
            ("application/cloudevents+json; charset=utf-16", StructuredOther),
            ("application/cloudevents+avro", StructuredOther),
            ("application/cloudevents-batch+json", Batch),
        ] {
            assert_eq!(MediaType::of(text), media_type, "{text}");
        }
    }
}
