//! Compile errors as users see them: one mistake per file, named after it.
//!
//! `cargo test -p emissions-trybuild -- ui trybuild=NAME` runs one; with `TRYBUILD=overwrite` it
//! blesses: then read the diff as a user would.

#[test]
fn event() {
    let cases = trybuild::TestCases::new();
    cases.pass("event/pass/*.rs");
    cases.compile_fail("event/fail/*.rs");
}

#[test]
fn shared_field() {
    let cases = trybuild::TestCases::new();
    cases.pass("shared_field/pass/*.rs");
    cases.compile_fail("shared_field/fail/*.rs");
}

#[test]
fn buffer() {
    let cases = trybuild::TestCases::new();
    cases.pass("buffer/pass/*.rs");
    cases.compile_fail("buffer/fail/*.rs");
}

#[test]
fn lint() {
    let cases = trybuild::TestCases::new();
    cases.pass("lint/*/opted_out.rs");
    cases.compile_fail("lint/*/fires.rs");
}

#[test]
fn gate() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("gate/fail/*.rs");
}

#[test]
fn on_event() {
    let cases = trybuild::TestCases::new();
    cases.pass("on_event/pass/*.rs");
    cases.compile_fail("on_event/*/fail/*.rs");
}
