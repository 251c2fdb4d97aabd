//! Depends on crates full of listeners, and names none of them.

use shop_events as _;

fn main() {
    let registry = emissions::Registry::collect();
    println!("{registry}");
    match registry.verify() {
        Ok(()) => println!("sound"),
        Err(violations) => println!("{violations}"),
    }
}
