//! What tests of services need (feature `testing`).

mod conformance;
mod detached_work;
mod registry;

pub use self::{
    conformance::{AdapterHarness, Check, ConformanceReport, NonConformance, adapter_conformance},
    detached_work::assert_no_detached_work,
};
pub use crate::__assert_registry_sound as assert_registry_sound;
