//! Points in time are `…_at` or `…_on` with a time type, or say their unit and epoch.

use super::{Finding, event_name::EventName, tense};
use crate::event::types::Kind;

/// Nouns for a point in time.
const NOUNS: &[&str] = &["date", "time", "timestamp", "datetime", "ts"];
/// Units that say how fine a number counts, not from when.
const UNITS: &[&str] = &[
    "ns",
    "nanos",
    "nano",
    "us",
    "micros",
    "ms",
    "millis",
    "milliseconds",
    "s",
    "sec",
    "secs",
    "seconds",
    "minutes",
    "hours",
    "days",
];
/// Prepositions after which a time is named well.
const PREPOSITIONS: &[&str] = &["at", "on", "since", "until", "till", "from", "before", "after", "by"];
/// Words after which `on` is about a day, besides verbs in the past tense.
const DAY_VERBS: &[&str] = &["starts", "ends", "begins", "expires", "due", "opens", "closes", "renews", "occurs"];
/// Verbs in the past tense after which `on` is about something else.
const OTHER_ON: &[&str] = &["based", "focused", "turned", "switched", "logged", "signed"];

pub(crate) fn check(name: &str, words: &[String], kind: Kind, event: &EventName) -> Option<Finding> {
    if kind == Kind::Bool {
        return None;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let finding = |fact: String, stem: &str| {
        let named_well = words.last().is_some_and(|last| ["at", "on"].contains(last));
        let with_type = if named_well { format!("give `{name}` a") } else { format!("write `{stem}_at` with a") };
        Some(Finding::new(
            "point_in_time",
            fact,
            format!(
                "{with_type} time type such as `emissions::envelope::Timestamp`, or write `{stem}_unix_ms` for a number"
            ),
        ))
    };
    match &words[..] {
        [.., _, "unix" | "epoch", _] | [.., "unix" | "epoch"] => None,
        [stem @ .., last] if !stem.is_empty() && NOUNS.contains(last) => match kind {
            Kind::Number | Kind::Text | Kind::Instant => {
                let stem = if stem.last().is_some_and(|word| tense::is_past(word)) {
                    stem.join("_")
                } else {
                    event.past().to_owned()
                };
                finding(format!("`{name}` does not say what happened then"), &stem)
            }
            Kind::Bool | Kind::Span | Kind::Other => None,
        },
        [stem @ .., "at"] if !stem.is_empty() => no_time(name, kind, &stem.join("_"), finding),
        [stem @ .., before, "on"] if is_day(before) => {
            no_time(name, kind, &[stem, &[*before]].concat().join("_"), finding)
        }
        [stem @ .., marker, unit]
            if kind == Kind::Number
                && UNITS.contains(unit)
                && (*marker == "at" || (*marker != "time" && NOUNS.contains(marker))) =>
        {
            let stem = if stem.is_empty() { event.past().to_owned() } else { stem.join("_") };
            finding(format!("`{name}` says its unit, but not from when it counts"), &stem)
        }
        [.., last] if kind == Kind::Instant && !PREPOSITIONS.contains(last) => {
            let stem = if tense::is_past(last) { words.join("_") } else { event.past().to_owned() };
            finding(format!("`{name}` is a point in time and does not read as one"), &stem)
        }
        _ => None,
    }
}

fn is_day(before: &str) -> bool {
    DAY_VERBS.contains(&before) || (tense::is_past(before) && !OTHER_ON.contains(&before))
}

fn no_time(name: &str, kind: Kind, stem: &str, finding: impl Fn(String, &str) -> Option<Finding>) -> Option<Finding> {
    let what = match kind {
        Kind::Number => "a number: it says neither its unit nor from when it counts",
        Kind::Text => "text, which can hold anything",
        Kind::Span => "a length of time",
        Kind::Bool | Kind::Instant | Kind::Other => return None,
    };
    finding(format!("`{name}` reads as a point in time and is {what}"), stem)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::event::{
        names::{EventName, check_field, words::split},
        types::Kind,
    };

    fn help(name: &str, kind: Kind) -> Option<String> {
        check(name, &split(name), kind, &EventName::new("order.created")).map(|finding| finding.help)
    }

    #[test]
    fn the_proposal_keeps_what_the_name_says() {
        for (name, kind, stem) in [
            ("shipped_date", Kind::Instant, "shipped"),
            ("order_date", Kind::Number, "created"),
            ("paid_at", Kind::Number, "paid"),
            ("parcel_shipped_on", Kind::Text, "parcel_shipped"),
            ("paid_at_ms", Kind::Number, "paid"),
            ("timestamp_ms", Kind::Number, "created"),
            ("expires", Kind::Instant, "created"),
            ("paid", Kind::Instant, "paid"),
            ("due_on", Kind::Number, "due"),
        ] {
            let help = help(name, kind).unwrap_or_else(|| panic!("{name}"));
            let begin = if name.ends_with("_at") || name.ends_with("_on") {
                format!("give `{name}` a time type")
            } else {
                format!("write `{stem}_at` with a time type")
            };
            assert!(help.starts_with(&begin), "{name}: {help}");
            assert!(help.contains(&format!("`{stem}_unix_ms`")), "{name}: {help}");
        }
    }

    #[test]
    fn proposals_pass_all_rules() {
        let event = EventName::new("order.created");
        assert_eq!(check_field("created_at", Kind::Instant, &event), None);
        assert_eq!(check_field("created_unix_ms", Kind::Number, &event), None);
    }

    #[test]
    fn lengths_of_time_and_other_prepositions_pass() {
        for (name, kind) in [
            ("lead_time", Kind::Span),
            ("processing_time_ms", Kind::Number),
            ("valid_until", Kind::Instant),
            ("paid_at_unix_ms", Kind::Number),
            ("paid_unix", Kind::Number),
            ("depends_on", Kind::Text),
            ("based_on", Kind::Text),
            ("order_date", Kind::Other),
            ("at_risk", Kind::Number),
        ] {
            assert_eq!(help(name, kind), None, "{name}");
        }
    }
}
