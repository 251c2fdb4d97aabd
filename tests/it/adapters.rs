//! The adapters of the crate, and the suite that all adapters have to pass.

mod broken;
mod conformance;
mod http;
mod json_lines;
mod stdout;
