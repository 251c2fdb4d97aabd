//! The event's own name: its grammar, its tense, and what it is called after.

use super::{tense, words};

/// What the name of an event is about.
pub(crate) struct EventName {
    /// The thing: the segment before the last.
    entity: String,
    /// What happened to it: the last segment.
    past: String,
}

impl EventName {
    /// Takes any text; what is no name of an event gives sentences about an order.
    pub(crate) fn new(name: &str) -> Self {
        let segments: Vec<String> = name.split('.').map(|segment| words::split(segment).join("_")).collect();
        let part = |index: Option<usize>, default: &str| {
            index
                .and_then(|index| segments.get(index))
                .filter(|segment| !segment.is_empty())
                .map_or_else(|| default.to_owned(), Clone::clone)
        };
        Self {
            entity: part(segments.len().checked_sub(2), "order"),
            past: part((segments.len() > 1).then(|| segments.len() - 1), "created"),
        }
    }

    /// What a type is about: `OrderTotal` is about an order.
    pub(crate) fn of_type(name: &str) -> Self {
        let words = words::split(name);
        let entity = match &words[..] {
            [entity @ .., _] if !entity.is_empty() => entity.join("_"),
            _ => words.join("_"),
        };
        Self::new(&format!("{entity}.created"))
    }

    pub(crate) fn past(&self) -> &str {
        &self.past
    }

    /// A name from a template with `{entity}` and `{past}`.
    pub(crate) fn fill(&self, template: &str) -> String {
        template.replace("{entity}", &self.entity).replace("{past}", &self.past)
    }
}

/// What is wrong with the name of an event, as fact and help, if anything.
pub(crate) fn check_event_name(name: &str, allow_tense: bool) -> Option<(String, String)> {
    let help = |text: &str| format!("{text}; see `emissions::naming::event_name`");
    let example = "write lower-case segments joined by dots: `order.created`";
    if name.is_empty() {
        return Some(("the event's name is empty".to_owned(), help(example)));
    }
    let segments: Vec<&str> = name.split('.').collect();
    for segment in &segments {
        if segment.is_empty() {
            return Some((format!("\"{name}\" has an empty segment"), help(example)));
        }
        if let Some(letter) = segment.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')) {
            let letter = letter.escape_debug();
            return Some((
                format!("\"{}\" has a character that no event name has: `{letter}`", name.escape_debug()),
                help("a segment is made of `a` to `z`, `0` to `9` and `_`, such as `order.created`"),
            ));
        }
        if !segment.starts_with(|c: char| c.is_ascii_lowercase()) || segment.ends_with('_') || segment.contains("__") {
            return Some((
                format!("the segment `{segment}` is not a word"),
                help("a segment begins with a letter, and its words are joined by one `_`, such as `order.line_added`"),
            ));
        }
    }
    let last = segments.last().copied().unwrap_or_default();
    if last.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())) {
        return Some((
            format!("\"{name}\" has its version in its name"),
            help(&format!("leave `.{last}` out and write `version = {}` beside the name", &last[1..])),
        ));
    }
    if segments.len() < 2 {
        return Some((
            format!("\"{name}\" has one segment only"),
            help("say what it happened to and what happened: `order.created`"),
        ));
    }
    let words: Vec<&str> = last.split('_').collect();
    if !allow_tense && !tense::says_happened(&words) {
        return Some((
            format!("`{last}` is not in the past tense: an event says what has happened"),
            "write the last segment like `created` or `sent`\nor keep it with `allow_tense = \"why\"`; see `emissions::naming::past_tense`".to_owned(),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{EventName, check_event_name};

    #[test]
    fn well_formed_names_pass() {
        for name in [
            "contact.bulk_upserted",
            "order.placed",
            "order.shipped",
            "order.created",
            "billing.invoice.paid",
            "session.logged_in",
            "s3.object.written",
            "mail.sent_to_customer",
        ] {
            assert_eq!(check_event_name(name, false), None, "{name}");
        }
    }

    #[test]
    fn every_fault_has_its_sentence() {
        for (name, fact) in [
            ("", "is empty"),
            (".created", "empty segment"),
            ("order..created", "empty segment"),
            ("order.created.", "empty segment"),
            ("Order.created", "`O`"),
            ("order.crée", "`é`"),
            ("order created", "` `"),
            ("order.\n", "`\\n`"),
            ("order-line.created", "`-`"),
            ("2order.created", "not a word"),
            ("_order.created", "not a word"),
            ("order.created_", "not a word"),
            ("order.is__created", "not a word"),
            ("order.created.v2", "version in its name"),
            ("created", "one segment"),
            ("order.create", "not in the past tense"),
            ("order.creating", "not in the past tense"),
        ] {
            let (found, _) = check_event_name(name, false).unwrap_or_else(|| panic!("{name}"));
            assert!(found.contains(fact), "{name}: {found}");
        }
    }

    #[test]
    fn allow_tense_lifts_the_tense_only() {
        assert_eq!(check_event_name("order.create", true), None);
        assert!(check_event_name("Order.create", true).is_some());
    }

    #[test]
    fn parts_of_the_name_make_better_names() {
        let name = EventName::new("billing.line_items.bulk_paid");
        assert_eq!(name.fill("{entity}_id {past}_at"), "line_items_id bulk_paid_at");
        assert_eq!(EventName::of_type("OrderLineId").fill("{entity}_id"), "order_line_id");
        assert_eq!(EventName::of_type("User").fill("{entity}_id"), "user_id");
        assert_eq!(EventName::of_type("").fill("{entity}_id"), "order_id");
        assert_eq!(EventName::new("").fill("{entity}_id {past}_at"), "order_id created_at");
    }
}
