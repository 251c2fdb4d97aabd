//! `gate(min = N)` is a promise about the whole program.

use emissions::{Violations, registry::ViolationCode};

use super::{all_stand_at, notes, only, violations_of};

pub(super) mod one_of_three {
    use emissions::{event, on_event};

    #[event(name = "vault.opened", gate(min = 3))]
    struct VaultOpened {
        /// Vault that was opened.
        vault_id: u64,
    }

    #[on_event]
    async fn record(_: &VaultOpened) {}

    /// An observer does not count.
    #[on_event(observer)]
    async fn watch(_: &VaultOpened) {}
}

mod three_of_three {
    use emissions::{RawEnvelope, event, on_event};

    #[event(name = "vault.closed", gate(min = 3))]
    struct VaultClosed {
        /// Vault that was closed.
        vault_id: u64,
    }

    #[on_event]
    async fn record(_: &VaultClosed) {}

    #[on_event]
    async fn lock(_: &VaultClosed) {}

    #[on_event(name = "vault.*")]
    async fn audit(_: &RawEnvelope) {}
}

mod asked_for_nothing {
    use emissions::event;

    /// That nobody listens is the emit's error: it may be emitted nowhere in this program.
    #[event(name = "vault.inspected")]
    struct VaultInspected {
        /// Vault that was inspected.
        vault_id: u64,
    }

    #[event(name = "vault.passed", gate(allow_none))]
    struct VaultPassed {
        /// Vault that somebody passed.
        #[field(allow_ambiguous = "shown beside the other")]
        vault_id: u64,
    }
}

pub(super) fn too_few() -> Violations {
    violations_of(concat!(module_path!(), "::one_of_three"))
}

#[test]
fn fewer_than_the_event_asks_for() {
    let violation = only(ViolationCode::TooFewGateListeners, &too_few());
    assert_eq!(violation.fact, "`vault.opened.v1` asks for 3 gate listeners and has 1");
    assert_eq!(all_stand_at(&violation), ["VaultOpened {", "record(_: &VaultOpened) {}"]);
    assert_eq!(notes(&violation)[0], "`gate(min = 3)`");
    assert!(violation.fix.contains("emissions::link!"), "{violation}");
}

#[test]
fn as_many_as_it_asks_for() {
    let violations = violations_of(concat!(module_path!(), "::three_of_three"));
    assert!(violations.is_empty(), "{violations}");
}

#[test]
fn an_event_that_asks_for_nothing() {
    let violations = violations_of(concat!(module_path!(), "::asked_for_nothing"));
    assert!(violations.is_empty(), "{violations}");
}
