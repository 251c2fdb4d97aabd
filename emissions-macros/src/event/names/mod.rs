//! The rules for names: pure functions over text, with their tables.
//!
//! Each rule has a page in `emissions::naming`.

mod ambiguous;
mod envelope;
mod event_name;
mod quantity;
mod statement;
mod tense;
mod time;
mod words;

pub(crate) use self::event_name::{EventName, check_event_name};
use super::types::Kind;

/// One broken rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The page in `emissions::naming`.
    pub(crate) rule: &'static str,
    /// What is wrong: complete by itself, lower case, no full stop.
    pub(crate) fact: String,
    /// How to write it right.
    pub(crate) help: String,
    /// Whether `#[field(allow_ambiguous = "why")]` lifts the rule.
    pub(crate) can_be_allowed: bool,
}

impl Finding {
    fn new(rule: &'static str, fact: String, help: String) -> Self {
        Self { rule, fact, help, can_be_allowed: true }
    }

    /// The finding where there is no field to put an opt-out on.
    pub(crate) fn without_opt_out(self) -> Self {
        Self { can_be_allowed: false, ..self }
    }

    /// The text of the compile error.
    pub(crate) fn message(&self) -> String {
        let Self { rule, fact, help, can_be_allowed } = self;
        let opt_out = if *can_be_allowed { "or keep it with `#[field(allow_ambiguous = \"why\")]`; " } else { "" };
        format!("{fact}\n{help}\n{opt_out}see `emissions::naming::{rule}`")
    }
}

/// The first rule the field breaks: one sentence per field is enough to rename it.
pub(crate) fn check_field(wire_name: &str, kind: Kind, event: &EventName) -> Option<Finding> {
    let words = words::split(wire_name);
    ambiguous::check(wire_name, &words, kind, event)
        .or_else(|| envelope::check(wire_name, &words, event))
        .or_else(|| time::check(wire_name, &words, kind, event))
        .or_else(|| quantity::check(wire_name, &words, kind))
        .or_else(|| statement::check(wire_name, &words, kind))
}

#[cfg(test)]
mod tests {
    use super::{EventName, check_field};
    use crate::event::types::Kind;

    /// Every rule with a page: those for names, and those for shapes.
    const PAGES: &[&str] = &[
        "ambiguous_name",
        "envelope_name",
        "event_name",
        "flatten",
        "free_form",
        "map_key",
        "past_tense",
        "point_in_time",
        "statement",
        "tuple",
        "unit",
        "untagged",
        "wide_integer",
    ];

    /// Text of all compile errors that users have seen blessed.
    fn blessed() -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../trybuild/event/fail");
        std::fs::read_dir(folder)
            .unwrap_or_else(|error| panic!("{folder}: {error}"))
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "stderr"))
            .map(|path| std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
            .collect()
    }

    #[test]
    fn every_rule_has_a_page_and_a_case() {
        let blessed = blessed();
        for page in PAGES {
            let file = format!("{}/../emissions/src/docs/naming/{page}.md", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&file).exists(), "{file}");
            assert!(blessed.contains(&format!("emissions::naming::{page}`")), "no case shows {page}");
        }
    }

    #[test]
    fn every_page_that_an_error_names_exists() {
        for rest in blessed().split("emissions::naming::").skip(1) {
            let page = rest.split('`').next().unwrap_or_default();
            assert!(PAGES.contains(&page), "{page}");
        }
    }

    fn rule_of(name: &str, kind: Kind) -> Option<&'static str> {
        check_field(name, kind, &EventName::new("order.created")).map(|finding| finding.rule)
    }

    #[test]
    fn names_that_say_it_all_pass() {
        for (name, kind) in [
            ("user_id", Kind::Other),
            ("contact_emails", Kind::Text),
            ("order_id", Kind::Number),
            ("is_vip", Kind::Bool),
            ("customer_email", Kind::Text),
            ("line_item_ids", Kind::Number),
            ("coupon_id", Kind::Number),
            ("order_kind", Kind::Text),
            ("shipment_id", Kind::Number),
            ("placed_at", Kind::Instant),
            ("shipped_on", Kind::Instant),
            ("placed_at", Kind::Other),
            ("placed_unix_ms", Kind::Number),
            ("timeout_ms", Kind::Number),
            ("timeout", Kind::Span),
            ("order_total_cents", Kind::Number),
            ("order_total", Kind::Other),
            ("orderTotalCents", Kind::Number),
            ("email_verified", Kind::Bool),
            ("customer_has_account", Kind::Bool),
            ("line_count", Kind::Number),
            ("depends_on", Kind::Text),
            ("processing_time_ms", Kind::Number),
            ("update", Kind::Text),
            ("chat", Kind::Text),
        ] {
            assert_eq!(check_field(name, kind, &EventName::new("order.created")), None, "{name}");
        }
    }

    #[test]
    fn each_rule_finds_its_own() {
        for (name, kind, rule) in [
            ("id", Kind::Number, "ambiguous_name"),
            ("type", Kind::Text, "ambiguous_name"),
            ("ID", Kind::Number, "ambiguous_name"),
            ("occurred_at", Kind::Instant, "envelope_name"),
            ("correlationId", Kind::Text, "envelope_name"),
            ("specversion", Kind::Text, "envelope_name"),
            ("order_timeout", Kind::Number, "unit"),
            ("orderTimeout", Kind::Number, "unit"),
            ("line_prices", Kind::Number, "unit"),
            ("placed_at", Kind::Number, "point_in_time"),
            ("placed_at", Kind::Text, "point_in_time"),
            ("placed_at_ms", Kind::Number, "point_in_time"),
            ("shipped_on", Kind::Number, "point_in_time"),
            ("order_date", Kind::Number, "point_in_time"),
            ("placed", Kind::Instant, "point_in_time"),
            ("vip", Kind::Bool, "statement"),
        ] {
            assert_eq!(rule_of(name, kind), Some(rule), "{name}");
        }
    }

    #[test]
    fn odd_names_do_not_panic() {
        for name in ["", "_", "__", "-", "é", "ÉTAT", "a_", "_at", "1", "at_at_at", "日本"] {
            for kind in [Kind::Bool, Kind::Number, Kind::Text, Kind::Instant, Kind::Span, Kind::Other] {
                for event in ["", ".", "..", "é.ü", "a", "order.created"] {
                    check_field(name, kind, &EventName::new(event));
                }
            }
        }
    }
}
