//! So does terminate.

/// A seat was booked.
#[emissions::event(name = "seat.booked")]
struct SeatBooked {
    /// Seat that was booked.
    seat_number: u32,
}

fn book(emissions: &emissions::Emissions) {
    let buffer = emissions.start();
    buffer.terminate();
    buffer.emit(SeatBooked { seat_number: 7 }).unwrap();
}

fn main() {}
