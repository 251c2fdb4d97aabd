use emissions::{Event, event};

/// A struct without fields is `{}` on the wire, and can get fields later.
#[event(name = "cache.cleared")]
struct CacheCleared {}

fn main() {
    assert!(CacheCleared::descriptor().fields.is_empty());
}
