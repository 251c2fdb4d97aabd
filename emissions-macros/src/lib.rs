//! Attributes of the `emissions` crate: an implementation detail. Use them through `emissions`.
#![allow(dead_code)]

mod args;
mod crate_path;
mod diag;
