//! Names that mean another thing in every event: the table.

use super::{Finding, event_name::EventName};
use crate::event::types::Kind;

/// Words with the same thing missing.
struct Entry {
    words: &'static [&'static str],
    /// Completes "`word` …".
    missing: &'static str,
    /// Better names: `{entity}` and `{past}` come from the event's name, `{word}` is the word.
    propose: Propose,
}

enum Propose {
    /// A name for the field.
    Name(&'static str),
    /// A name, and another for a number.
    ByKind { number: &'static str, other: &'static str },
    /// Not a name but fields.
    Fields,
}

use Propose::{ByKind, Fields, Name};

const TABLE: &[Entry] = &[
    Entry {
        words: &["id", "ids", "uuid", "guid", "uid", "identifier", "ref", "reference"],
        missing: "does not say what it identifies",
        propose: Name("{entity}_id"),
    },
    Entry {
        words: &["type", "types", "kind", "category", "class"],
        missing: "does not say what it classifies",
        propose: Name("{entity}_kind"),
    },
    Entry {
        words: &["name", "names", "title", "label"],
        missing: "does not say what it names",
        propose: Name("{entity}_name"),
    },
    Entry {
        words: &["date", "time", "timestamp", "datetime", "ts", "when", "at", "on", "moment", "day"],
        missing: "does not say what happened then",
        propose: ByKind { number: "{past}_unix_ms", other: "{past}_at" },
    },
    Entry {
        words: &["start", "begin", "end", "since", "until", "from", "to"],
        missing: "does not say of what it is a bound",
        propose: Name("{entity}_{word}"),
    },
    Entry {
        words: &["old", "new", "before", "after", "previous", "current", "next", "last", "first"],
        missing: "does not say what it is that changes",
        propose: Name("{word}_{entity}_status"),
    },
    Entry {
        words: &["status", "state", "stage", "phase"],
        missing: "does not say whose state it is",
        propose: Name("{entity}_status"),
    },
    Entry {
        words: &["value", "values", "val", "vals"],
        missing: "does not say what has this value, nor in which unit",
        propose: ByKind { number: "{entity}_value_cents", other: "{entity}_kind" },
    },
    Entry {
        words: &[
            "data",
            "payload",
            "body",
            "blob",
            "info",
            "information",
            "details",
            "detail",
            "meta",
            "metadata",
            "properties",
            "props",
            "params",
            "parameters",
            "args",
            "arguments",
            "context",
            "extra",
            "extras",
            "misc",
            "other",
            "stuff",
        ],
        missing: "can hold anything, so nobody can rely on what it holds",
        propose: Fields,
    },
    Entry {
        words: &[
            "object", "objects", "entity", "entities", "thing", "things", "record", "records", "element", "elements",
        ],
        missing: "does not say what it is",
        propose: Name("{entity}_line"),
    },
    Entry {
        words: &["item", "items", "entry", "entries", "list"],
        missing: "does not say what is listed",
        propose: Name("{entity}_lines"),
    },
    Entry {
        words: &["amount", "price", "total", "cost", "sum", "fee", "tax", "balance", "discount"],
        missing: "does not say of what, nor in which currency or unit",
        propose: ByKind { number: "{entity}_{word}_cents", other: "{entity}_{word}" },
    },
    Entry {
        words: &["count", "number", "num", "quantity", "qty"],
        missing: "does not say what is counted",
        propose: Name("{entity}_count"),
    },
    Entry {
        words: &["size", "length", "len"],
        missing: "does not say of what, nor in which unit",
        propose: ByKind { number: "{entity}_size_bytes", other: "{entity}_size" },
    },
    Entry {
        words: &["flag", "flags", "bool", "boolean"],
        missing: "does not say what is true",
        propose: Name("is_first_{entity}"),
    },
    Entry { words: &["code", "codes"], missing: "does not say what it encodes", propose: Name("{entity}_code") },
    Entry { words: &["key", "keys"], missing: "does not say what it opens or finds", propose: Name("{entity}_key") },
    Entry {
        words: &["message", "msg", "text", "content", "contents", "description", "comment", "note"],
        missing: "does not say what it is about",
        propose: Name("{entity}_note"),
    },
    Entry {
        words: &["source", "target", "origin", "destination"],
        missing: "does not say of what it is an end",
        propose: Name("{entity}_{word}"),
    },
    Entry {
        words: &["result", "results", "output", "response"],
        missing: "does not say what came out of what",
        propose: Name("{entity}_outcome"),
    },
    Entry {
        words: &["input", "request"],
        missing: "does not say what went into what",
        propose: Name("{entity}_{word}"),
    },
    Entry {
        words: &["error", "errors", "err", "exception", "failure"],
        missing: "does not say what failed",
        propose: Name("{entity}_error"),
    },
];

pub(crate) fn check(name: &str, words: &[String], kind: Kind, event: &EventName) -> Option<Finding> {
    let [word] = words else { return None };
    let entry = TABLE.iter().find(|entry| entry.words.contains(&word.as_str()))?;
    let proposal = match entry.propose {
        Name(template) => Some(template),
        ByKind { number, other } => Some(if kind == Kind::Number { number } else { other }),
        Fields => None,
    };
    let help = match proposal {
        Some(template) => format!("write `{}`", event.fill(template).replace("{word}", word)),
        None => format!("give each fact a field of its own, such as `{}`", event.fill("{entity}_id")),
    };
    Some(Finding::new("ambiguous_name", format!("`{name}` {}", entry.missing), help))
}

#[cfg(test)]
mod tests {
    use super::{ByKind, Fields, Name, TABLE};
    use crate::event::{
        names::{EventName, check_field},
        types::Kind,
    };

    #[test]
    fn no_word_stands_in_two_entries() {
        let mut words: Vec<&str> = TABLE.iter().flat_map(|entry| entry.words).copied().collect();
        words.sort_unstable();
        let all = words.len();
        words.dedup();
        assert_eq!(words.len(), all);
    }

    #[test]
    fn every_word_is_found() {
        let event = EventName::new("order.created");
        for word in TABLE.iter().flat_map(|entry| entry.words) {
            for kind in [Kind::Bool, Kind::Number, Kind::Text, Kind::Instant, Kind::Span, Kind::Other] {
                let finding = check_field(word, kind, &event).unwrap_or_else(|| panic!("{word}"));
                assert_eq!(finding.rule, "ambiguous_name", "{word}");
                assert!(finding.can_be_allowed);
            }
        }
    }

    #[test]
    fn every_proposal_passes_all_rules() {
        for name in ["order.created", "contact.bulk_upserted", "billing.invoice.paid", "key.sent"] {
            let event = EventName::new(name);
            for entry in TABLE {
                for word in entry.words {
                    let proposals = match entry.propose {
                        Name(template) => vec![(template, Kind::Text), (template, Kind::Other)],
                        ByKind { number, other } => vec![(number, Kind::Number), (other, Kind::Other)],
                        Fields => vec![],
                    };
                    for (template, kind) in proposals {
                        let proposal = event.fill(template).replace("{word}", word);
                        assert_eq!(check_field(&proposal, kind, &event), None, "{word} in {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_proposal_comes_from_the_event() {
        let finding = check_field("id", Kind::Number, &EventName::new("billing.invoice.paid"));
        assert_eq!(finding.map(|finding| finding.help).as_deref(), Some("write `invoice_id`"));
    }
}
