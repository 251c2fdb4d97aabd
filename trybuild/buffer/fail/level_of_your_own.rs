//! Nor are there other levels.

enum Hoped {}

impl emissions::Level for Hoped {
    const NAME: &'static str = "hoped";
}

fn main() {}
