//! The type probe that generated code calls, in branches that never run.
//!
//! No part of the public interface: what is here changes with the macros.

pub mod find;
pub mod kind;
pub mod lent;
pub mod race;
pub mod rest;
pub mod shape;
pub mod spawner;
pub mod unread;
pub mod verdict;

use std::pin::Pin;

pub use find::Probe;
pub use race::outcome;
pub use rest::trimmed;

/// Everything a check needs in scope.
pub mod levels {
    pub use super::{find::Otherwise as _, kind::AnyOther as _};
    pub use super::{
        lent::{B0 as _, B1 as _},
        race::NoRace as _,
        rest::Untrimmed as _,
        spawner::{S0 as _, S1 as _, S2 as _},
    };
}

/// A place for the type of a value.
pub fn slot_of<T: ?Sized>(_: &T) -> Probe<T> {
    Probe::NEW
}

/// Learns the type behind a pin that owns what it points at, as `pin!` makes it.
pub fn same_pinned<T: ?Sized>(_: &Probe<T>, _: &Pin<&mut T>) {}

/// Learns the type of the items of something that is iterated.
pub fn same_item<I: IntoIterator>(_: &Probe<I::Item>, _: &I) {}

/// Has the type of the value, for patterns. Never called.
pub fn take<T>(_: &Probe<T>) -> T {
    never_called()
}

/// Probes are type-checked and never run.
fn never_called<T>() -> T {
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

kept!(find::Clear, find::Unread);

/// The whole chain of steps; a macro, so that generated code is short.
#[doc(hidden)]
#[macro_export]
macro_rules! __emissions_sorted {
    ($slot:ident) => {
        $slot.s00().s01().s02().s03().s04().s05().s06().s07().s08().s09().s10().s11().s12().sort()
    };
}

/// Asks for each verdict on a finding; the ends of the path are the ends of what is underlined.
#[doc(hidden)]
#[macro_export]
macro_rules! __emissions_verdicts {
    ($found:ident $first:tt :: $($set:tt)*) => {
        let _: $first::$($set)* = $crate::__private::lint::verdict::judge($found);
    };
    ($found:ident $first:tt $last:tt $($verdict:ident)*) => {
        $(
            let check = $first::$verdict::$last;
            check($found);
        )*
    };
}

/// The finding on a slot, and each verdict on it.
#[doc(hidden)]
#[macro_export]
macro_rules! __emissions_judged {
    ($slot:ident $($verdicts:tt)*) => {{
        let found = $crate::__private::lint::sorted!($slot);
        $crate::__private::lint::verdicts!(found $($verdicts)*);
    }};
}

#[doc(hidden)]
pub use {__emissions_judged as judged, __emissions_sorted as sorted, __emissions_verdicts as verdicts};
