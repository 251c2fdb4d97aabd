//! `after`: strangers and circles.

use emissions::{Registry, Violations, registry::ViolationCode};

use super::{all_stand_at, only, violations_of};

pub(super) mod strangers {
    use emissions::{event, on_event};

    #[event(name = "train.departed")]
    struct TrainDeparted {
        /// Train that moved.
        train_id: u64,
    }

    #[event(name = "train.arrived")]
    struct TrainArrived {
        /// Train that moved.
        train_id: u64,
    }

    #[on_event(after = clear_track)]
    async fn announce(_: &TrainDeparted) {}

    #[on_event]
    async fn clear_track(_: &TrainArrived) {}

    #[on_event(observer, after = clear_track)]
    async fn count(_: &TrainArrived) {}

    #[on_event(after = no_listener)]
    async fn light(_: &TrainArrived) {}

    async fn no_listener(_: &TrainArrived) {}

    #[test]
    fn it_stays_a_function() {
        drop(no_listener(&TrainArrived { train_id: 1 }));
    }
}

pub(super) mod circles {
    use emissions::{event, on_event};

    #[event(name = "train.coupled")]
    struct TrainCoupled {
        /// Train that grew.
        train_id: u64,
    }

    #[on_event(after = second)]
    async fn first(_: &TrainCoupled) {}

    #[on_event(after = third)]
    async fn second(_: &TrainCoupled) {}

    #[on_event(after = first)]
    async fn third(_: &TrainCoupled) {}

    /// Waits for a circle, and is none of it.
    #[on_event(after = first)]
    async fn a_bystander(_: &TrainCoupled) {}

    #[on_event(after = alone)]
    async fn alone(_: &TrainCoupled) {}
}

mod patterns {
    use emissions::{RawEnvelope, event, on_event};

    #[event(name = "tram.departed")]
    struct TramDeparted {
        /// Tram that moved.
        tram_id: u64,
    }

    #[event(name = "tram.arrived")]
    struct TramArrived {
        /// Tram that moved.
        tram_id: u64,
    }

    #[on_event]
    async fn clear_track(_: &TramDeparted) {}

    #[on_event]
    async fn clear_platform(_: &TramArrived) {}

    /// Each event reaches one of the two it waits for.
    #[on_event(name = "tram.*", after(clear_track, clear_platform))]
    async fn audit(_: &RawEnvelope) {}
}

mod part_of_a_program {
    use emissions::{event, on_event};

    #[event(name = "tram.stopped")]
    pub(super) struct TramStopped {
        /// Tram that stopped.
        tram_id: u64,
    }

    #[on_event]
    pub(super) async fn elsewhere(_: &TramStopped) {}

    mod part {
        use emissions::on_event;

        use super::{TramStopped, elsewhere};

        #[on_event(after = elsewhere)]
        async fn here(_: &TramStopped) {}
    }
}

pub(super) fn strangers() -> Violations {
    violations_of(concat!(module_path!(), "::strangers"))
}

pub(super) fn circles() -> Violations {
    violations_of(concat!(module_path!(), "::circles"))
}

#[test]
fn who_is_waited_for_hears_the_event_in_the_same_role() {
    let violations = strangers();
    let path = concat!(module_path!(), "::strangers");
    let facts: Vec<_> = violations.iter().map(|violation| violation.fact.replace(path, "path")).collect();
    assert_eq!(
        facts,
        [
            "`path::announce` comes after `path::clear_track`, and no event reaches both",
            "`path::count` comes after `path::clear_track`, and only one of them is an observer",
            "`path::light` comes after `path::no_listener`, which is no listener",
        ]
    );
    let violations: Vec<_> = violations.iter().collect();
    assert!(violations.iter().all(|violation| violation.code == ViolationCode::AfterStranger));
    assert_eq!(all_stand_at(violations[0]), ["announce(_: &TrainDeparted) {}", "clear_track(_: &TrainArrived) {}"]);
    assert_eq!(violations[0].fix, "name a listener of `train.departed.v1`, or take `after` out");
    assert_eq!(violations[1].places[1].note, "a gate listener of `train.arrived.v1`");
}

#[test]
fn a_circle_is_told_once_and_without_bystanders() {
    let violations = circles();
    let path = concat!(module_path!(), "::circles");
    let facts: Vec<_> = violations.iter().map(|violation| violation.fact.replace(path, "path")).collect();
    assert_eq!(
        facts,
        [
            "`path::alone` comes after itself",
            "listeners wait for each other in a circle: `path::first` after `path::second` after `path::third` after \
             `path::first`",
        ]
    );
    assert!(violations.iter().all(|violation| violation.code == ViolationCode::AfterCycle));
}

#[test]
fn a_pattern_may_wait_for_listeners_of_some_of_its_events() {
    let violations = violations_of(concat!(module_path!(), "::patterns"));
    assert!(violations.is_empty(), "{violations}");
}

#[test]
fn a_part_may_wait_for_who_is_not_in_it() {
    let registry = Registry::collect().within(concat!(module_path!(), "::part_of_a_program::part"));
    assert_eq!((registry.events().len(), registry.listeners().len()), (1, 1), "{registry}");
    assert_eq!(registry.verify(), Ok(()));
}

#[test]
fn a_stranger_of_another_crate_is_one_violation_of_one_code() {
    let _ = only(ViolationCode::AfterStranger, &violations_of(concat!(module_path!(), "::one_stranger")));
}

mod one_stranger {
    use emissions::{event, on_event};

    #[event(name = "tram.parked")]
    struct TramParked {
        /// Tram that was parked.
        tram_id: u64,
    }

    #[on_event(after = std::process::id)]
    async fn park(_: &TramParked) {}
}
