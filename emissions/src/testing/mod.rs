//! What tests of services need (feature `testing`).

mod registry;

pub use crate::__assert_registry_sound as assert_registry_sound;
