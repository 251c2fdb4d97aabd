//! Names them in `link!`, in a module and in a body.
#![no_implicit_prelude]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

use ::std::{
    println,
    result::Result::{Err, Ok},
};

::emissions::link!(contacts, shop_ledger);

fn main() {
    ::emissions::link!(billing = "acme-billing");

    let registry = ::emissions::Registry::collect();
    println!("{registry}");
    match registry.verify() {
        Ok(()) => println!("sound"),
        Err(violations) => println!("{violations}"),
    }
}
