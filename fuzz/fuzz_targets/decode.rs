//! The decoder of the wire, on whatever comes.
#![no_main]

#[path = "../../tests/it/wire/any_input.rs"]
mod any_input;

libfuzzer_sys::fuzz_target!(|input: &[u8]| any_input::check(input));
