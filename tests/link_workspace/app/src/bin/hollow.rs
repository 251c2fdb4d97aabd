//! Names a crate that has no listeners, and one by a name that is not its own.

emissions::link!(contacts, hollow, billing);

fn main() {
    match emissions::Registry::collect().verify() {
        Ok(()) => println!("sound"),
        Err(violations) => println!("{violations}"),
    }
}
