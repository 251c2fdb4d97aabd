//! Numbers that measure something say in which unit.

use super::{Finding, words::singular};
use crate::event::types::Kind;

/// Measured things that share their units: the words, and endings that fit, the usual one first.
const TABLE: &[(&[&str], &[&str])] = &[
    (
        &[
            "duration", "timeout", "interval", "ttl", "delay", "elapsed", "latency", "period", "lifetime", "uptime",
            "downtime", "cooldown", "backoff",
        ],
        &["ms", "secs"],
    ),
    (&["age"], &["secs", "days", "years"]),
    (&["distance", "height", "width", "depth", "altitude", "elevation", "radius", "diameter"], &["meters", "mm", "px"]),
    (&["weight", "mass"], &["grams", "kg"]),
    (&["temperature"], &["celsius", "kelvin"]),
    (&["size", "length", "len", "capacity"], &["bytes", "chars", "count"]),
    (
        &["price", "cost", "amount", "total", "subtotal", "balance", "salary", "revenue", "budget", "sum"],
        &["cents", "minor_units"],
    ),
    (&["fee", "tax", "vat", "discount", "deposit"], &["cents", "percent"]),
    (&["rate", "frequency", "speed", "velocity", "throughput", "bandwidth"], &["percent", "per_sec", "hz"]),
    (&["area"], &["square_meters"]),
    (&["volume"], &["liters", "percent"]),
    (&["pressure"], &["pascals", "bar"]),
    (&["voltage"], &["volts"]),
    (&["power"], &["watts"]),
    (&["energy"], &["joules", "kwh"]),
];

pub(crate) fn check(name: &str, words: &[String], kind: Kind) -> Option<Finding> {
    if kind != Kind::Number {
        return None;
    }
    let last = words.last()?;
    let (_, units) = TABLE.iter().find(|(quantities, _)| quantities.contains(&singular(last)))?;
    let stem = words.join("_");
    let endings = units.iter().map(|unit| format!("`{stem}_{unit}`")).collect::<Vec<_>>();
    let endings = match &endings[..] {
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
        [] => String::new(),
    };
    let own_type = if units.contains(&"ms") { "make it a `Duration`" } else { "give it a type of its own" };
    Some(Finding::new(
        "unit",
        format!("`{name}` is a number without a unit"),
        format!("end the name in the unit, such as {endings}, or {own_type}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::{TABLE, check};
    use crate::event::{
        names::{EventName, check_field, words::split},
        types::Kind,
    };

    #[test]
    fn every_quantity_needs_a_unit_and_every_proposed_one_will_do() {
        let event = EventName::new("order.created");
        for (quantities, units) in TABLE {
            for quantity in *quantities {
                let name = format!("order_{quantity}");
                assert!(check(&name, &split(&name), Kind::Number).is_some(), "{name}");
                assert_eq!(check_field(&name, Kind::Other, &event), None, "{name} of a type that carries the unit");
                for unit in *units {
                    assert_eq!(check_field(&format!("{name}_{unit}"), Kind::Number, &event), None, "{name}_{unit}");
                }
            }
        }
    }

    #[test]
    fn a_quantity_within_a_name_is_no_quantity() {
        for name in ["price_list_id", "age_group", "total_count", "rate_limit_kind", "page_count"] {
            assert_eq!(check(name, &split(name), Kind::Number), None, "{name}");
        }
    }
}
