//! The dictionary: one name is one type and one meaning.

use emissions::{Violations, registry::ViolationCode};

use super::{all_stand_at, notes, only, violations_of};

pub(super) mod two_types {
    use emissions::event;

    #[event(name = "weather.measured")]
    struct WeatherMeasured {
        /// Station that measured.
        station_code: String,
    }

    #[event(name = "weather.reported")]
    struct WeatherReported {
        /// Station that measured.
        #[serde(rename = "station_code")]
        reporting_station: u32,
    }

    /// Agrees with the first.
    #[event(name = "weather.revised")]
    struct WeatherRevised {
        /// Station that measured.
        station_code: Option<String>,
    }
}

mod as_string {
    use emissions::event;

    #[event(name = "meter.read")]
    struct MeterRead {
        /// Meter that was read.
        meter_id: u64,
    }

    #[event(name = "meter.replaced")]
    struct MeterReplaced {
        /// Meter that was read.
        #[field(string)]
        meter_id: u64,
    }
}

mod two_types_of_one_alias {
    use emissions::event;

    type Station = String;

    #[event(name = "wind.measured")]
    struct WindMeasured {
        /// Station that measured.
        station_code: Station,
    }

    #[event(name = "wind.reported")]
    struct WindReported {
        /// Station that measured.
        station_code: String,
    }
}

pub(super) mod two_meanings {
    use emissions::event;

    #[event(name = "parcel.weighed")]
    struct ParcelWeighed {
        /// Parcel as the depot counts them.
        parcel_id: u64,
    }

    #[event(name = "parcel.labelled")]
    struct ParcelLabelled {
        /// Parcel as the carrier
        /// counts them.
        parcel_id: Option<u64>,
    }

    #[event(name = "parcel.scanned")]
    struct ParcelScanned {
        /// Parcel as the carrier counts them.
        parcel_id: u64,
    }
}

mod no_two_meanings {
    use emissions::event;

    /// What is not said can't differ.
    #[event(name = "letter.posted")]
    struct LetterPosted {
        letter_id: u64,
        /// Fixed by the post office.
        #[field(allow_ambiguous = "fixed by the post office")]
        code: String,
    }

    #[event(name = "letter.lost")]
    struct LetterLost {
        /// Letter that is gone.
        letter_id: u64,
        /// Fixed by the court of auditors.
        #[field(allow_ambiguous = "fixed by the court of auditors")]
        code: String,
    }

    /// A later version may say it better.
    #[event(name = "letter.lost", version = 2)]
    struct LetterLostAgain {
        /// Letter that nobody can find.
        letter_id: u64,
    }

    /// What never reaches the wire is nobody's business.
    #[event(name = "letter.found")]
    struct LetterFound {
        /// Scratch space of the finder.
        #[serde(skip)]
        #[expect(dead_code, reason = "that is the point")]
        letter_id: u8,
        /// What lay in it.
        found_in: String,
    }
}

mod versions_do_not_change_types {
    use emissions::event;

    #[event(name = "stamp.sold")]
    struct StampSold {
        /// Stamp that was sold.
        stamp_code: String,
    }

    #[event(name = "stamp.sold", version = 2)]
    struct StampSoldSince {
        /// Stamp that was sold.
        stamp_code: u32,
    }
}

mod ambiguity_does_not_excuse_two_types {
    use emissions::event;

    #[event(name = "user.invited")]
    struct UserInvited {
        /// The user.
        #[field(allow_ambiguous = "as it always was")]
        id: String,
    }

    #[event(name = "climate.recorded")]
    struct ClimateRecorded {
        /// The record.
        #[field(allow_ambiguous = "as it always was")]
        id: u32,
    }
}

pub(super) fn two_types() -> Violations {
    violations_of(concat!(module_path!(), "::two_types"))
}

pub(super) fn two_meanings() -> Violations {
    violations_of(concat!(module_path!(), "::two_meanings"))
}

#[test]
fn one_name_of_two_types() {
    let violation = only(ViolationCode::FieldTypeClash, &two_types());
    assert_eq!(violation.fact, "`station_code` has 2 types");
    assert_eq!(all_stand_at(&violation), ["station_code: String,", "reporting_station: u32,"]);
    assert_eq!(
        notes(&violation),
        [
            "`String` (alloc::string::String) in `weather.measured.v1`, and in 1 other event",
            "`u32` in `weather.reported.v1`"
        ]
    );
    assert!(violation.fix.contains("#[shared_field(name = \"station_code\")]"), "{violation}");
}

#[test]
fn an_integer_and_its_text_are_two_types() {
    let violations = violations_of(concat!(module_path!(), "::as_string"));
    let violation = only(ViolationCode::FieldTypeClash, &violations);
    assert_eq!(notes(&violation), ["`u64` in `meter.read.v1`", "`u64` written as a string in `meter.replaced.v1`"]);
}

#[test]
fn types_are_compared_and_not_their_names() {
    let violations = violations_of(concat!(module_path!(), "::two_types_of_one_alias"));
    assert!(violations.is_empty(), "{violations}");
}

#[test]
fn one_name_of_two_meanings() {
    let violation = only(ViolationCode::FieldMeaningClash, &two_meanings());
    assert_eq!(violation.fact, "`parcel_id` has 2 meanings");
    assert_eq!(all_stand_at(&violation), ["parcel_id: Option<u64>,", "parcel_id: u64,"]);
    assert_eq!(
        notes(&violation),
        [
            "\"Parcel as the carrier counts them.\" in `parcel.labelled.v1`, and in 1 other event",
            "\"Parcel as the depot counts them.\" in `parcel.weighed.v1`"
        ]
    );
    assert!(violation.fix.contains("`#[shared_field(name = \"parcel_id\")] pub struct ParcelId(u64);`"), "{violation}");
}

#[test]
fn nothing_else_is_a_second_meaning() {
    let violations = violations_of(concat!(module_path!(), "::no_two_meanings"));
    assert!(violations.is_empty(), "{violations}");
}

#[test]
fn a_store_keeps_one_type_for_all_versions() {
    let violations = violations_of(concat!(module_path!(), "::versions_do_not_change_types"));
    let violation = only(ViolationCode::FieldTypeClash, &violations);
    assert_eq!(notes(&violation), ["`String` (alloc::string::String) in `stamp.sold.v1`", "`u32` in `stamp.sold.v2`"]);
}

#[test]
fn an_allowed_name_has_one_type_too() {
    let violations = violations_of(concat!(module_path!(), "::ambiguity_does_not_excuse_two_types"));
    let violation = only(ViolationCode::FieldTypeClash, &violations);
    assert_eq!(violation.fact, "`id` has 2 types");
}
