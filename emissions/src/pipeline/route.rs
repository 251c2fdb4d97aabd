//! Which events go to which adapters: worked out at start, explained on request.

use std::{collections::BTreeSet, fmt};

use super::Registered;
use crate::{
    event::EventDescriptor,
    registry::{NOWHERE, NamePattern, Registry, ViolationCode, Violations},
};

/// Per event, by its position in the registry, the adapters it goes to.
#[derive(Default)]
pub(crate) struct Routes {
    by_event: Box<[Box<[Hop]>]>,
}

/// One adapter on an event's way.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) lane: usize,
    /// The patterns that brought the event there.
    pub(crate) patterns: Vec<String>,
}

impl Routes {
    /// The adapters of the event at a position.
    pub(crate) fn of(&self, position: usize) -> &[Hop] {
        self.by_event.get(position).map_or(&[], |hops| hops)
    }

    /// Works the routes out; whatever is wrong with them goes to `violations`.
    pub(crate) fn plan(
        adapters: &[Registered],
        routes: &[(String, String)],
        known: &Registry,
        violations: &mut Violations,
    ) -> Self {
        check_adapters(adapters, routes, violations);
        let mut parsed = Vec::new();
        for (pattern, adapter) in routes {
            let lane = adapters.iter().position(|registered| registered.name == *adapter);
            if lane.is_none() {
                violations.add(
                    ViolationCode::UnknownAdapter,
                    NOWHERE,
                    format!("the route `{pattern}` leads to `{adapter}`, which is no adapter"),
                    format!("call `.adapter(\"{adapter}\", …)` on the builder{}", instead(adapters)),
                );
            }
            match NamePattern::parse(pattern) {
                Ok(matcher) => parsed.extend(lane.map(|lane| (pattern, matcher, lane))),
                Err(error) => violations.add(
                    ViolationCode::InvalidPattern,
                    NOWHERE,
                    format!("the route to `{adapter}` has no pattern: {error}"),
                    "mend the first argument of `.route(…)`",
                ),
            }
        }
        if adapters.is_empty() {
            return Self::default();
        }
        let mut by_event = Vec::new();
        for event in Registry::collect().events() {
            let is_known = known.events().iter().any(|known| std::ptr::eq(*known, *event));
            let mut hops: Vec<Hop> = Vec::new();
            for (pattern, _, lane) in parsed.iter().filter(|(_, matcher, _)| is_known && matcher.matches(event.name)) {
                match hops.iter_mut().find(|hop| hop.lane == *lane) {
                    Some(hop) => hop.patterns.push((*pattern).clone()),
                    None => hops.push(Hop { lane: *lane, patterns: vec![(*pattern).clone()] }),
                }
            }
            hops.sort_by_key(|hop| hop.lane);
            for hop in &hops {
                check_need(event, &adapters[hop.lane], violations);
            }
            by_event.push(hops.into());
        }
        Self { by_event: by_event.into() }
    }
}

fn check_adapters(adapters: &[Registered], routes: &[(String, String)], violations: &mut Violations) {
    let mut names = BTreeSet::new();
    for Registered { name, options, .. } in adapters {
        if !names.insert(name) {
            violations.add(
                ViolationCode::RepeatedAdapter,
                NOWHERE,
                format!("two adapters are called `{name}`"),
                "give each a name of its own",
            );
        }
        if !routes.iter().any(|(_, adapter)| adapter == name) {
            violations.add(
                ViolationCode::UnroutedAdapter,
                NOWHERE,
                format!("no route leads to the adapter `{name}`"),
                format!("call `.route(\"**\", \"{name}\")` on the builder, or leave the adapter out"),
            );
        }
        for (fact, fix) in options.faults() {
            violations.add(ViolationCode::InvalidSetting, NOWHERE, format!("the adapter `{name}` {fact}"), fix);
        }
    }
}

/// An event must not be weakened on its way.
fn check_need(event: &EventDescriptor, registered: &Registered, violations: &mut Violations) {
    let (name, capabilities) = (&registered.name, registered.adapter.capabilities());
    if let Some(lacking) = capabilities.lacks(event.delivery) {
        violations.add(
            ViolationCode::WeakRoute,
            [event.location],
            format!("`{}` asks to be {lacking}, which its adapter `{name}` is not ({capabilities})", event.wire_type()),
            "route it to another adapter, or ask for less: `#[event(delivery = \"…\")]`",
        );
    }
}

fn instead(adapters: &[Registered]) -> String {
    if adapters.is_empty() {
        return String::new();
    }
    let names: Vec<_> = adapters.iter().map(|registered| format!("`{}`", registered.name)).collect();
    format!(", or lead it to one of {}", names.join(", "))
}

/// The way of one event, and why; from `Emissions::route_of`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteExplanation {
    /// Name and version of the event, as on the wire.
    pub wire_type: String,
    /// The adapters it goes to, in the order in which they were given to the builder.
    pub hops: Vec<RouteHop>,
}

/// One adapter on the way of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteHop {
    /// Name of the adapter.
    pub adapter: String,
    /// The patterns of the routes that lead there.
    pub patterns: Vec<String>,
    /// What the adapter promises.
    pub capabilities: super::capabilities::Capabilities,
}

impl RouteExplanation {
    /// Names of the adapters.
    pub fn adapters(&self) -> impl Iterator<Item = &str> {
        self.hops.iter().map(|hop| hop.adapter.as_str())
    }
}

impl fmt::Display for RouteExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.hops.is_empty() {
            return write!(f, "{} goes to no adapter: no route matches its name", self.wire_type);
        }
        write!(f, "{} goes to {} adapter(s)", self.wire_type, self.hops.len())?;
        for RouteHop { adapter, patterns, capabilities } in &self.hops {
            let patterns: Vec<_> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
            write!(f, "\n  {adapter} ({capabilities}), by {}", patterns.join(" and "))?;
        }
        Ok(())
    }
}
