//! `Registry::verify`: what is wrong across events, all of it, at the right places.
//!
//! Each module declares what is wrong with it; `Registry::within` keeps the others out.

mod codes;
mod dependencies;
mod fields;
mod gates;
mod identities;
mod link_workspace;
mod links;
mod opt_outs;
mod order;
mod schemas;
mod shared_fields;
mod soundness;
mod unregistered;

use emissions::{Registry, Violation, Violations, event::SourceLocation, registry::ViolationCode};

/// What is wrong with what a module declares.
fn violations_of(module: &str) -> Violations {
    Registry::collect().within(module).verify().err().unwrap_or_default()
}

/// The one violation of a module, which has this code.
fn only(code: ViolationCode, violations: &Violations) -> Violation {
    let [violation] = &violations.iter().collect::<Vec<_>>()[..] else { panic!("not one violation: {violations}") };
    assert_eq!(violation.code, code, "{violation}");
    (*violation).clone()
}

/// The source from a location to the end of its line.
fn stands_at(location: SourceLocation) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(location.file);
    let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    source.lines().nth(location.line as usize - 1).unwrap()[location.column as usize - 1..].to_owned()
}

fn all_stand_at(violation: &Violation) -> Vec<String> {
    violation.locations().map(stands_at).collect()
}

fn notes(violation: &Violation) -> Vec<&str> {
    violation.places.iter().map(|place| place.note.as_str()).collect()
}
