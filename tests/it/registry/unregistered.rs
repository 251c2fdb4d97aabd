//! What `#[event]` and `#[on_event]` make impossible and hands do not.

use std::any::TypeId;

use emissions::{
    __private::{EventSlot, ListensTo, plan_of, register_listener, schema_of, schemars},
    Event, Registry, Role, Violations,
    event::{DeliveryNeed, EventDescriptor, GateRule, SourceLocation},
    registry::ViolationCode,
};

use super::{all_stand_at, notes, only, violations_of};

pub(super) mod an_event_by_hand {
    use super::{
        DeliveryNeed, Event, EventDescriptor, EventSlot, GateRule, SourceLocation, TypeId, plan_of, schema_of, schemars,
    };
    use emissions::{Emissions, on_event};
    use serde::{Deserialize, Serialize};

    const LINE: u32 = line!() + 3;
    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    #[schemars(crate = "schemars")]
    pub(super) struct Handmade {
        pub(super) crate_id: u64,
    }

    impl Event for Handmade {
        const NAME: &'static str = "crate.made";
        const VERSION: u32 = 1;

        fn descriptor() -> &'static EventDescriptor {
            static SLOT: EventSlot = EventSlot::new();
            static DESCRIPTOR: EventDescriptor = EventDescriptor {
                name: "crate.made",
                version: 1,
                rust_path: "Handmade",
                crate_name: env!("CARGO_PKG_NAME"),
                location: SourceLocation { file: file!(), line: LINE, column: 16 },
                doc: "",
                fields: &[],
                gate: GateRule::AtLeast(1),
                bulk: None,
                owner: None,
                deprecated: None,
                delivery: DeliveryNeed::BestEffort,
                allow_tense: None,
                schema: schema_of::<Handmade>,
                type_id: TypeId::of::<Handmade>,
                slot: &SLOT,
                plan: plan_of::<Handmade>,
            };
            &DESCRIPTOR
        }
    }

    #[on_event]
    async fn on_made(event: &Handmade) {
        assert_eq!(event.crate_id, 1);
    }

    #[tokio::test]
    async fn nothing_starts() {
        let builder = Emissions::builder().source("/tests").within_module(module_path!());
        let error = builder.start().await.expect_err("the event is not registered");
        assert!(error.to_string().contains("EM0003"), "{error}");
    }
}

pub(super) mod a_pattern_by_hand {
    use super::{ListensTo, Role, SourceLocation, register_listener};

    register_listener! {
        explicit_id: Some("by_hand"),
        function: || concat!(module_path!(), "::by_hand"),
        location: SourceLocation { file: file!(), line: line!(), column: 9 },
        doc: "",
        listens_to: ListensTo::Pattern("crate..made"),
        role: Role::Gate,
        timeout: None,
        retry: None,
        concurrency: None,
        after: &[],
        when: None,
        arguments: &[],
        strict: false,
        opt_outs: &[],
        bind: |_| None,
    }
}

pub(super) fn event_by_hand() -> Violations {
    violations_of(concat!(module_path!(), "::an_event_by_hand"))
}

pub(super) fn pattern_by_hand() -> Violations {
    violations_of(concat!(module_path!(), "::a_pattern_by_hand"))
}

#[test]
fn a_listener_of_an_event_nobody_registered() {
    let registry = Registry::collect().within(concat!(module_path!(), "::an_event_by_hand"));
    assert!(registry.events().is_empty() && registry.listeners().len() == 1, "{registry}");
    let violation = only(ViolationCode::UnregisteredEvent, &event_by_hand());
    assert_eq!(violation.fact, "`Handmade` has a listener and is not registered as an event");
    assert_eq!(all_stand_at(&violation), ["on_made(event: &Handmade) {", "struct Handmade {"]);
    assert!(notes(&violation)[0].ends_with("an_event_by_hand::on_made` listens to it"), "{violation}");
    assert!(violation.fix.contains("#[event(name = \"crate.made\")]"), "{violation}");
}

#[test]
fn a_pattern_that_matches_nothing() {
    let violation = only(ViolationCode::InvalidPattern, &pattern_by_hand());
    assert!(violation.fact.contains("`crate..made`"), "{violation}");
    assert!(all_stand_at(&violation)[0].starts_with("location:"), "{violation}");
}
