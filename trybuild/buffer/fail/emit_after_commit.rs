//! A commit consumes the buffer: nothing can be emitted after it.

/// A seat was booked.
#[emissions::event(name = "seat.booked")]
struct SeatBooked {
    /// Seat that was booked.
    seat_number: u32,
}

async fn book(emissions: emissions::Emissions) {
    let buffer = emissions.start();
    buffer.commit().await.unwrap();
    buffer.emit(SeatBooked { seat_number: 7 }).unwrap();
}

fn main() {}
