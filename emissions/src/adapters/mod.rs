#![doc = include_str!("../docs/adapters.md")]

mod blocking;
#[cfg(feature = "http")]
mod http;
mod json_lines;
mod line_file;
mod memory;
mod stdout;

#[cfg(feature = "http")]
pub use self::http::{Http, HttpMode, InvalidEndpoint};
pub(crate) use self::{blocking::InTurn, line_file::LineFile};
pub use self::{
    json_lines::{Fsync, JsonLines, JsonLinesError, JsonLinesReader},
    memory::Memory,
    stdout::Stdout,
};
