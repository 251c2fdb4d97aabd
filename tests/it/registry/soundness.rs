//! The one-line test, and that a report is the same every time.

use std::panic::catch_unwind;

use emissions::{Registry, testing::assert_registry_sound};

mod sound {
    use emissions::{event, on_event};

    #[event(name = "lamp.lit")]
    struct LampLit {
        /// Lamp that was lit.
        lamp_id: u64,
    }

    #[on_event]
    async fn on_lit(_: &LampLit) {}
}

#[test]
fn a_sound_part_passes() {
    assert_registry_sound!(Registry::collect().within(concat!(module_path!(), "::sound")));
}

#[test]
fn the_whole_report_is_in_the_panic() {
    // The tests beside this one declare everything that can be wrong.
    let panic = catch_unwind(|| assert_registry_sound!()).expect_err("this binary is not sound");
    let text = panic.downcast_ref::<String>().expect("a formatted message");
    let report = Registry::collect().verify().expect_err("this binary is not sound").to_string();
    assert_eq!(*text, format!("the registry is not sound: {report}"));
    assert!(text.contains("\n  fix: ") && text.contains("\n  see: emissions::registry::codes::"), "{text}");
}

#[test]
fn the_listing_names_who_hears_what() {
    let listing = Registry::collect().within(concat!(module_path!(), "::sound")).to_string();
    let lines: Vec<_> = listing.lines().map(|line| line.replace(module_path!(), "path")).collect();
    let file = file!();
    assert_eq!(
        lines,
        [
            format!("lamp.lit.v1 = path::sound::LampLit at {file}:11:12"),
            format!("  gate path::sound::on_lit at {file}:17:14"),
        ]
    );
}
