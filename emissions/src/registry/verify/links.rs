//! A crate that was to bring listeners and brought nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::registry::{LinkDescriptor, Registry, ViolationCode, Violations};

/// The crates that have an event or a listener, by both names a crate has.
struct Contributors {
    packages: BTreeSet<&'static str>,
    libraries: BTreeSet<&'static str>,
}

impl Contributors {
    fn of(registry: &Registry) -> Self {
        let events = registry.whole.events.iter().map(|event| (event.crate_name, event.rust_path));
        let listeners = registry.whole.listeners.iter().map(|listener| (listener.crate_name, (listener.function)()));
        let library = |path: &'static str| path.split("::").next().unwrap_or(path);
        let (packages, libraries) = events.chain(listeners).map(|(package, path)| (package, library(path))).unzip();
        Self { packages, libraries }
    }

    fn have(&self, link: &LinkDescriptor) -> bool {
        match link.package {
            Some(package) => self.packages.contains(package),
            None => {
                let name = link.plain_name();
                self.libraries.contains(name) || self.packages.iter().any(|package| package.replace('-', "_") == name)
            }
        }
    }
}

pub(super) fn check(registry: &Registry, violations: &mut Violations) {
    if registry.links().is_empty() {
        return;
    }
    let contributors = Contributors::of(registry);
    let mut empty: BTreeMap<(&str, Option<&str>), Vec<&LinkDescriptor>> = BTreeMap::new();
    for link in registry.links().iter().filter(|link| !contributors.have(link)) {
        empty.entry((link.plain_name(), link.package)).or_default().push(link);
    }
    for ((name, package), links) in empty {
        let contributed: Vec<_> = contributors.packages.iter().map(|package| format!("`{package}`")).collect();
        let contributed = if contributed.is_empty() { "none".to_owned() } else { contributed.join(", ") };
        let renamed = match package {
            Some(_) => String::new(),
            None => format!("\n- the dependency is renamed in `Cargo.toml`: write `link!({name} = \"its-package\")`"),
        };
        let subject = match package {
            Some(package) => format!("`{name}` (package `{package}`)"),
            None => format!("`{name}`"),
        };
        violations.add(
            ViolationCode::EmptyLink,
            links.iter().map(|link| link.location),
            format!("{subject} is named in `link!` and contributed neither an event nor a listener"),
            format!(
                "one of these; crates that contributed: {contributed}\n\
                 - its listeners live in another crate or behind a feature: name that crate, or turn the feature on\n\
                 - the linker dropped it all the same: add `use {name} as _;` to the root of the binary{renamed}"
            ),
        );
    }
}
