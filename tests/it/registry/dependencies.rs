//! What only the builder knows: reported with the rest, all at once.

use emissions::{Emissions, Violations, registry::ViolationCode};

use super::{all_stand_at, stands_at};

mod needy {
    use emissions::{event, on_event};

    pub(super) trait Bell: Send + Sync {
        fn ring(&self);
    }

    #[event(name = "door.knocked", gate(min = 3))]
    struct DoorKnocked {
        /// Door somebody knocked at.
        door_id: u64,
    }

    #[on_event(id = "open", retry(attempts = 2))]
    async fn open(_: &DoorKnocked, key: &u8, lock: &u16) {
        assert!(u16::from(*key) < *lock);
    }

    #[on_event(id = "ring")]
    async fn ring(_: &DoorKnocked, bell: &dyn Bell, key: &u8) {
        bell.ring();
        assert_ne!(*key, 0);
    }
}

async fn start(configure: impl FnOnce(emissions::Builder) -> emissions::Builder) -> Violations {
    let builder = Emissions::builder().within_module(concat!(module_path!(), "::needy"));
    let error = configure(builder).start().await.expect_err("something is wrong");
    error.violations().expect("there is a runtime").clone()
}

#[test]
fn a_trait_of_tests_is_used() {
    struct Silent;
    impl needy::Bell for Silent {
        fn ring(&self) {}
    }
    needy::Bell::ring(&Silent);
}

#[tokio::test]
async fn everything_that_is_wrong_comes_at_once() {
    let violations = start(|builder| builder.provide(1_u32).provide(2_u32).workers(0)).await;
    let told: Vec<_> = violations.iter().map(|violation| (violation.code.as_str(), violation.fact.as_str())).collect();
    assert_eq!(
        told,
        [
            ("EM0006", "`door.knocked.v1` asks for 3 gate listeners and has 2"),
            ("EM0008", "`open` needs `&u16`, which nobody provided"),
            ("EM0008", "`open` needs `&u8`, which nobody provided"),
            ("EM0008", concat!("`ring` needs `&dyn ", module_path!(), "::needy::Bell`, which nobody provided")),
            ("EM0008", "`ring` needs `&u8`, which nobody provided"),
            ("EM0009", "`u32` was provided more than once"),
            ("EM0010", "no worker would ever empty the queue"),
            ("EM0010", "the service has no source"),
        ]
    );
    let missing: Vec<_> =
        violations.iter().filter(|violation| violation.code == ViolationCode::MissingDependency).collect();
    assert_eq!(all_stand_at(missing[0]), ["open(_: &DoorKnocked, key: &u8, lock: &u16) {"]);
    assert!(missing[2].fix.contains(".provide_arc::<dyn "), "{}", missing[2]);
    assert!(missing[3].locations().all(|location| stands_at(location).starts_with("ring(")));
    assert!(violations.to_string().starts_with("8 violations\n\nEM0006: "), "{violations}");
}

/// Everything that only the builder can see.
pub(super) async fn from_the_builder() -> Violations {
    start(|builder| {
        let limit = std::time::Duration::from_millis(1);
        builder.provide(1_u32).provide(2_u32).default_within(limit)
    })
    .await
}
