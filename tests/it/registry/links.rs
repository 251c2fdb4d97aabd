//! `link!`: what is named there has to have come. The linker's part is in `tests/link_workspace`.

use emissions::{Registry, Violations, registry::ViolationCode};

use super::{all_stand_at, only, violations_of};

pub(super) mod nothing_came {
    // Neither has anything to do with events.
    emissions::link!(serde_json, r#futures,);

    mod inner {
        emissions::link!(futures);
    }
}

mod under_another_name {
    emissions::link!(serde_json = "emissions-tests", futures = "acme-contacts");
}

fn in_a_body() {
    emissions::link!(tokio);
}

pub(super) fn nothing_came() -> Violations {
    violations_of(concat!(module_path!(), "::nothing_came"))
}

#[test]
fn a_crate_that_contributed_nothing() {
    let violations = nothing_came();
    let facts: Vec<_> = violations.iter().map(|violation| violation.fact.as_str()).collect();
    assert_eq!(
        facts,
        [
            "`futures` is named in `link!` and contributed neither an event nor a listener",
            "`serde_json` is named in `link!` and contributed neither an event nor a listener",
        ]
    );
    let futures = violations.iter().next().unwrap();
    assert_eq!(futures.code, ViolationCode::EmptyLink);
    assert_eq!(futures.places.len(), 2, "both that name it: {futures}");
    assert!(all_stand_at(futures)[0].starts_with("emissions::link!("), "{futures}");
    assert!(futures.fix.contains("`use futures as _;`"), "{futures}");
    assert!(futures.fix.contains("`link!(futures = \"its-package\")`"), "{futures}");
    assert!(futures.fix.contains("crates that contributed: `emissions-tests`, `other_crate`\n"), "{futures}");
}

#[test]
fn a_package_may_be_named_instead() {
    let violations = violations_of(concat!(module_path!(), "::under_another_name"));
    let violation = only(ViolationCode::EmptyLink, &violations);
    assert!(violation.fact.starts_with("`futures` (package `acme-contacts`) is named in `link!`"), "{violation}");
}

#[test]
fn it_stands_in_bodies_too() {
    in_a_body();
    let module = module_path!();
    let links: Vec<_> =
        Registry::collect().links().iter().filter(|link| link.module == module).map(|l| l.name).collect();
    assert_eq!(links, ["tokio"]);
}
