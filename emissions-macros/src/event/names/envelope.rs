//! Names the envelope has already.

use super::{Finding, event_name::EventName};

/// Attributes without separators, whose they are, and a better name: none where the envelope carries
/// the same thing.
const TABLE: &[(&str, &str, Option<&str>)] = &[
    ("specversion", "CloudEvents", None),
    ("datacontenttype", "CloudEvents", Some("{entity}_media_kind")),
    ("dataschema", "CloudEvents", None),
    ("database64", "CloudEvents", Some("{entity}_bytes")),
    ("dataref", "CloudEvents", Some("{entity}_url")),
    ("subject", "CloudEvents", Some("{entity}_subject")),
    ("partitionkey", "CloudEvents", None),
    ("correlationid", "CloudEvents", None),
    ("causationid", "CloudEvents", None),
    ("traceparent", "CloudEvents", None),
    ("tracestate", "CloudEvents", None),
    ("sequence", "CloudEvents", Some("{entity}_sequence")),
    ("sequencetype", "CloudEvents", None),
    ("eventid", "the envelope", Some("{entity}_id")),
    ("eventtype", "the envelope", Some("{entity}_kind")),
    ("eventversion", "the envelope", Some("{entity}_version")),
    ("eventsource", "the envelope", Some("{entity}_source")),
    ("occurredat", "the envelope", Some("{past}_at")),
    ("attributes", "the envelope", Some("{entity}_attributes")),
];

pub(crate) fn check(name: &str, words: &[String], event: &EventName) -> Option<Finding> {
    let joined = words.concat();
    let (_, owner, proposal) = TABLE.iter().find(|(known, ..)| *known == joined)?;
    let help = match proposal {
        Some(template) => format!("write `{}` for a fact of the event's own", event.fill(template)),
        None => "leave it out: the envelope carries it".to_owned(),
    };
    let fact = format!("`{name}` is an attribute of {owner}, so it would be there twice");
    Some(Finding { can_be_allowed: false, ..Finding::new("envelope_name", fact, help) })
}

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::event::{
        names::{EventName, check_field},
        types::Kind,
    };

    #[test]
    fn every_proposal_passes_all_rules() {
        let event = EventName::new("order.created");
        for template in TABLE.iter().filter_map(|(.., proposal)| *proposal) {
            let proposal = event.fill(template);
            assert_eq!(check_field(&proposal, Kind::Other, &event), None, "{proposal}");
        }
    }

    #[test]
    fn no_attribute_of_the_wire_gets_through() {
        let event = EventName::new("order.created");
        for name in [
            "id",
            "source",
            "specversion",
            "type",
            "datacontenttype",
            "dataschema",
            "subject",
            "time",
            "data",
            "data_base64",
            "partitionkey",
            "correlationid",
            "causationid",
            "traceparent",
            "tracestate",
            "sequence",
            "event_id",
            "event_type",
            "event_version",
            "event_source",
            "occurred_at",
            "partition_key",
            "correlation_id",
            "causation_id",
            "trace_parent",
            "trace_state",
            "attributes",
            "payload",
            "eventId",
        ] {
            assert!(check_field(name, Kind::Other, &event).is_some(), "{name}");
        }
    }
}
