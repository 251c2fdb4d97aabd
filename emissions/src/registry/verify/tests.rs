//! The linker's order decides nothing.

use crate::{
    event::EventDescriptor,
    registry::{LinkDescriptor, ListenerDescriptor, Registry},
};

/// Some of everything that is wrong, so that there is something to sort.
mod declared {
    use emissions_macros::{event, on_event, shared_field};

    /// A person.
    #[shared_field(name = "person_id", crate = crate)]
    struct PersonId(String);

    #[event(name = "ship.named", gate(min = 7), crate = crate)]
    struct ShipNamed {
        /// Ship that has a name.
        ship_id: u64,
        /// Who broke the bottle.
        broken_by: PersonId,
    }

    #[event(name = "ship.named", crate = crate)]
    struct ShipNamedAgain {
        /// Ship that has another name.
        ship_id: u64,
    }

    #[event(name = "ship.launched", crate = crate)]
    struct ShipLaunched {
        /// Ship that floats.
        ship_id: String,
    }

    #[event(name = "ship.sunk", crate = crate)]
    struct ShipSunk {
        /// Ship that floated.
        ship_id: u64,
    }

    #[on_event(id = "same", crate = crate)]
    async fn one(_: &ShipNamed) {}

    #[on_event(id = "same", crate = crate)]
    async fn other(_: &ShipNamedAgain) {}

    #[on_event(after = last, crate = crate)]
    async fn first(_: &ShipLaunched) {}

    #[on_event(after = first, crate = crate)]
    async fn last(_: &ShipLaunched) {}

    #[on_event(name = "ship.**", observer, after = one, crate = crate)]
    async fn any(_: &crate::RawEnvelope) {}

    crate::link!(core, tracing = "nobody");
}

fn shuffled<T: Copy>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<_> = items.collect();
    fastrand::shuffle(&mut items);
    items
}

fn collected_in_any_order() -> Registry {
    Registry::of(
        shuffled(inventory::iter::<&'static EventDescriptor>().copied()),
        shuffled(inventory::iter::<&'static ListenerDescriptor>().copied()),
        shuffled(inventory::iter::<&'static LinkDescriptor>().copied()),
    )
    .within(concat!(module_path!(), "::declared"))
}

#[test]
fn reports_and_listings_are_byte_equal_whatever_the_linker_did() {
    let first = collected_in_any_order();
    let report = first.verify().expect_err("there is much to report").to_string();
    assert_eq!((first.events().len(), first.listeners().len(), first.links().len()), (4, 5, 2), "{first}");
    for code in ["EM0001", "EM0002", "EM0004", "EM0005", "EM0006", "EM0007", "EM0011", "EM0012", "EM0013"] {
        assert!(report.contains(code), "{code} is missing in {report}");
    }
    for _ in 0..200 {
        let registry = collected_in_any_order();
        assert_eq!(registry.to_string(), first.to_string());
        assert_eq!(registry.verify().expect_err("nothing was mended").to_string(), report);
    }
}
