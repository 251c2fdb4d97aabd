//! What tests of services need (feature `testing`).

mod conformance;
mod registry;

pub use self::conformance::{AdapterHarness, Check, ConformanceReport, NonConformance, adapter_conformance};
pub use crate::__assert_registry_sound as assert_registry_sound;
