//! Shared fields: declared once, under one name.

use emissions::{Violations, registry::ViolationCode};

use super::{all_stand_at, notes, only, violations_of};

pub(super) mod misnamed {
    use emissions::{event, shared_field};

    /// A person with an account.
    #[shared_field(name = "member_id")]
    struct MemberId(String);

    #[event(name = "gift.sent")]
    struct GiftSent {
        /// Who pays.
        member_id: MemberId,
        /// Who gets it.
        recipient: Option<MemberId>,
    }
}

mod in_several_events {
    use emissions::{event, shared_field};

    /// A person with an account.
    #[shared_field(name = "reader_id")]
    struct ReaderId(String);

    #[event(name = "book.borrowed")]
    struct BookBorrowed {
        /// Who borrowed it.
        reader_id: ReaderId,
    }

    #[event(name = "book.returned")]
    struct BookReturned {
        /// Who brought it back.
        #[serde(rename = "reader_id")]
        returned_by: ReaderId,
    }

    #[event(name = "book.missed")]
    struct BookMissed {
        /// Who asked for it, if anybody did.
        reader_id: Option<ReaderId>,
    }
}

mod beside_a_bare_one {
    use emissions::{event, shared_field};

    /// A person with a card.
    #[shared_field(name = "guest_id")]
    struct GuestId(String);

    #[event(name = "room.booked")]
    struct RoomBooked {
        /// Who sleeps there.
        guest_id: GuestId,
    }

    #[event(name = "room.left")]
    struct RoomLeft {
        /// Who slept there.
        guest_id: String,
    }
}

mod declared_twice {
    use emissions::{event, shared_field};

    /// A person with a ticket.
    #[shared_field(name = "visitor_id")]
    struct VisitorId(String);

    /// A person with a ticket.
    #[shared_field(name = "visitor_id")]
    struct AnotherVisitorId(String);

    #[event(name = "hall.entered")]
    struct HallEntered {
        /// Who came.
        visitor_id: VisitorId,
    }

    #[event(name = "hall.left")]
    struct HallLeft {
        /// Who came.
        visitor_id: AnotherVisitorId,
    }
}

pub(super) fn misnamed() -> Violations {
    violations_of(concat!(module_path!(), "::misnamed"))
}

#[test]
fn a_shared_field_keeps_its_name() {
    let violation = only(ViolationCode::SharedFieldMisnamed, &misnamed());
    let path = concat!(module_path!(), "::misnamed");
    assert_eq!(
        violation.fact.replace(path, "path"),
        "`path::MemberId` is a shared field called `member_id`, and is used as `recipient`"
    );
    assert_eq!(all_stand_at(&violation), ["recipient: Option<MemberId>,", "MemberId(String);"]);
    assert_eq!(notes(&violation)[0], "a field of `gift.sent.v1`");
    assert!(violation.fix.starts_with("call the field `member_id`"), "{violation}");
}

#[test]
fn several_events_may_carry_it_and_say_more() {
    let violations = violations_of(concat!(module_path!(), "::in_several_events"));
    assert!(violations.is_empty(), "{violations}");
}

#[test]
fn who_does_not_use_the_type_has_another_one() {
    let violation = only(ViolationCode::FieldTypeClash, &violations_of(concat!(module_path!(), "::beside_a_bare_one")));
    assert_eq!(violation.places.len(), 2);
    assert!(violation.fix.starts_with("use the shared field `"), "{violation}");
    assert!(violation.fix.contains("beside_a_bare_one::GuestId`"), "{violation}");
}

#[test]
fn two_declarations_of_one_name_are_two_types() {
    let violation = only(ViolationCode::FieldTypeClash, &violations_of(concat!(module_path!(), "::declared_twice")));
    assert_eq!(violation.fact, "`visitor_id` has 2 types");
}
