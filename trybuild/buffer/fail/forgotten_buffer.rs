//! A buffer that is started and not kept is a warning, here an error.
#![deny(unused_must_use)]

fn book(emissions: &emissions::Emissions) {
    emissions.start();
}

fn main() {}
