//! An event and its listener in a crate of their own.

use std::sync::{Mutex, PoisonError};

use emissions::{event, on_event};

/// Cargo was landed.
#[event(name = "cargo.landed")]
pub struct CargoLanded {
    /// Cargo that was landed.
    pub cargo_id: String,
}

/// What was booked.
#[derive(Default)]
pub struct Landings(Mutex<Vec<String>>);

impl Landings {
    /// Everything that was booked, in order.
    pub fn booked(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[on_event]
async fn books(event: &CargoLanded, landings: &Landings) {
    landings.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.cargo_id.clone());
}
