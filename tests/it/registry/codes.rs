//! Every code has a page, and a declaration here that provokes it.

use std::collections::BTreeSet;

use emissions::{Violations, registry::ViolationCode};

use super::{dependencies, fields, gates, identities, links, order, shared_fields, unregistered};

#[tokio::test]
async fn every_code_is_provoked() {
    let provoked: [Violations; 11] = [
        identities::one_wire_name(),
        identities::one_listener_id(),
        unregistered::event_by_hand(),
        unregistered::pattern_by_hand(),
        order::strangers(),
        order::circles(),
        gates::too_few(),
        links::nothing_came(),
        fields::two_types(),
        fields::two_meanings(),
        shared_fields::misnamed(),
    ];
    let from_the_builder = dependencies::from_the_builder().await;
    let seen: BTreeSet<_> =
        provoked.iter().chain([&from_the_builder]).flatten().map(|violation| violation.code).collect();
    // Shown with adapters: `tests/it/pipeline_routes.rs`.
    let elsewhere = [
        ViolationCode::UnknownAdapter,
        ViolationCode::UnroutedAdapter,
        ViolationCode::RepeatedAdapter,
        ViolationCode::WeakRoute,
    ];
    assert_eq!(seen.into_iter().chain(elsewhere).collect::<Vec<_>>(), ViolationCode::ALL);
}

#[test]
fn every_code_has_a_page_of_its_own() {
    for (number, code) in (1..).zip(ViolationCode::ALL) {
        assert_eq!(code.to_string(), format!("EM{number:04}"), "codes are numbered without gaps");
        assert!(code.doc_path().ends_with(&format!("::registry::codes::em{number:04}")), "{}", code.doc_path());
        let page = code.page();
        let title = page.lines().next().unwrap_or_default();
        assert!(title.starts_with(&format!("`{code}`: ")), "{code} begins with {title:?}");
        // Every other part is an example.
        let prose = page.split("```").step_by(2);
        let sections: Vec<_> = prose.flat_map(str::lines).filter(|line| line.starts_with('#')).collect();
        assert_eq!(sections, ["# Why", "# Example", "# How to mend it"], "{code}");
        assert!(page.contains("```rust"), "{code} has no example");
    }
}
