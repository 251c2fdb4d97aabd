//! The contact import: its parts, and the example as a process.

// The example's own unit tests run here: examples are built without a test harness.
#[expect(dead_code, reason = "nothing here calls the example's `main`")]
#[path = "../../contact_import/main.rs"]
mod contact_import;

mod example;
mod process;
mod redis;
