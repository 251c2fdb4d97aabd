//! The type probe that generated code calls, in branches that never run.
//!
//! No part of the public interface: what is here changes with the macros.

pub mod find;
pub mod kind;
pub mod shape;
pub mod spawner;
pub mod verdict;

use std::pin::Pin;

pub use find::Probe;

/// Everything a check needs in scope.
pub mod levels {
    pub use super::{
        find::{
            L00 as _, L01 as _, L02 as _, L03 as _, L04 as _, L05 as _, L06 as _, L07 as _, L08 as _, L09 as _,
            L10 as _, L11 as _, L12 as _, L13 as _, L14 as _, L15 as _, L16 as _, L17 as _, L18 as _, L19 as _,
            L20 as _, L21 as _,
        },
        kind::{K0 as _, K1 as _, K2 as _},
        spawner::{S0 as _, S1 as _, S2 as _},
    };
}

/// A place for a type that is learnt later.
#[must_use]
pub const fn slot<T: ?Sized>() -> Probe<T> {
    Probe::NEW
}

/// Learns the type of a value.
pub fn same<T: ?Sized>(_: &Probe<T>, _: &T) {}

/// Learns the type behind a pin that owns what it points at, as `pin!` makes it.
pub fn same_pinned<T: ?Sized>(_: &Probe<T>, _: &Pin<&mut T>) {}

/// Learns the type of the items of something that is iterated.
pub fn same_item<I: IntoIterator>(_: &Probe<I::Item>, _: &I) {}

/// Has the type of the value, for patterns. Never called.
pub fn take<T>(_: &Probe<T>) -> T {
    loop {
        std::hint::spin_loop();
    }
}

/// A finding that stands although the call's result is pending work of its own.
pub trait Kept {
    /// The finding, or [`find::Clear`] if the result carries the work on.
    type Given<A>;
    /// Decides.
    fn given<A>(self, argument: A) -> Self::Given<A>;
}

macro_rules! kept {
    ($($result:ty),*) => {
        $(impl Kept for $result {
            type Given<A> = A;
            fn given<A>(self, argument: A) -> A {
                argument
            }
        })*
    };
}

kept!(find::Clear, find::Source, find::Outcome);

impl<K, S> Kept for kind::Work<K, S> {
    type Given<A> = find::Clear;
    fn given<A>(self, _: A) -> find::Clear {
        find::Clear
    }
}
