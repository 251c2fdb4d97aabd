//! What tests of listeners need.

mod detached_work;

pub use detached_work::assert_no_detached_work;
