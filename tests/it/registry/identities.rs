//! Names and identities that two declarations claim.

use emissions::registry::ViolationCode;

use super::{all_stand_at, notes, only, violations_of};

pub(super) mod one_wire_name {
    use emissions::event;

    #[event(name = "badge.printed")]
    struct BadgePrinted {
        /// Badge that was printed.
        badge_id: u64,
    }

    mod legacy {
        use emissions::event;

        #[event(name = "badge.printed")]
        struct OldBadgePrinted {
            /// Badge that was printed.
            badge_id: u64,
        }
    }

    /// Another version is another event.
    #[event(name = "badge.printed", version = 4)]
    struct BadgePrintedOnCard {
        /// Badge that was printed.
        badge_id: u64,
    }
}

pub(super) mod one_listener_id {
    use emissions::{event, on_event};

    #[event(name = "badge.collected")]
    struct BadgeCollected {
        /// Badge that was collected.
        badge_id: u64,
    }

    #[on_event(id = "badges.count")]
    async fn count(_: &BadgeCollected) {}

    #[on_event(id = "badges.count")]
    async fn count_again(_: &BadgeCollected) {}

    #[on_event]
    async fn count_once_more(_: &BadgeCollected) {}
}

pub(super) fn one_wire_name() -> emissions::Violations {
    violations_of(concat!(module_path!(), "::one_wire_name"))
}

pub(super) fn one_listener_id() -> emissions::Violations {
    violations_of(concat!(module_path!(), "::one_listener_id"))
}

#[test]
fn two_events_of_one_name_and_version() {
    let violation = only(ViolationCode::SharedWireName, &one_wire_name());
    assert_eq!(violation.fact, "2 events are called `badge.printed` in version 1");
    assert_eq!(all_stand_at(&violation), ["BadgePrinted {", "OldBadgePrinted {"]);
    assert!(notes(&violation)[1].ends_with("one_wire_name::legacy::OldBadgePrinted`"), "{violation}");
    assert_eq!(violation.fix, "give one of them another `name`, or, if it is a new shape of the other, `version = 5`");
}

#[test]
fn two_listeners_of_one_identity() {
    let violation = only(ViolationCode::SharedListenerId, &one_listener_id());
    assert_eq!(violation.fact, "2 listeners have the identity `badges.count`");
    assert_eq!(all_stand_at(&violation), ["count(_: &BadgeCollected) {}", "count_again(_: &BadgeCollected) {}"]);
    assert!(notes(&violation)[0].ends_with("::count` listens to `badge.collected.v1`"), "{violation}");
    assert!(violation.fix.contains("#[on_event(id = \"…\")]"));
}
