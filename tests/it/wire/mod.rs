//! The wire: CloudEvents in structured and binary mode.

mod any_input;
mod conformance;
mod foreign;
mod modes;
mod properties;
mod secrets;
mod vectors;
