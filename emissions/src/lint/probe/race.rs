//! The futures that have lost, in what a race of the futures crate gives back.

use std::marker::PhantomData;

use futures_util::future::Either;

use super::{find::Probe, shape::Nothing};

/// The outcome of a race.
pub trait Race {
    /// Those that have lost.
    type Losers;
}

impl<A, F, B, G> Race for Either<(A, F), (B, G)> {
    type Losers = (F, G);
}

impl<T, F> Race for (T, usize, Vec<F>) {
    type Losers = Vec<F>;
}

impl<T, F> Race for (T, Vec<F>) {
    type Losers = Vec<F>;
}

impl<T: Race, E> Race for Result<T, E> {
    type Losers = T::Losers;
}

/// A type that may be the outcome of a race.
pub struct Outcome<T>(PhantomData<fn() -> *const T>);

/// Asks for the losers in what is in a slot.
#[must_use]
pub fn outcome<T>(_: &Probe<T>) -> Outcome<T> {
    Outcome(PhantomData)
}

impl<T: Race> Outcome<T> {
    /// Those that have lost.
    #[must_use]
    pub fn losers(&self) -> Probe<T::Losers> {
        Probe::NEW
    }
}

/// Anything else.
pub trait NoRace {
    /// Nothing is known of it.
    fn losers(&self) -> Probe<Nothing> {
        Probe::NEW
    }
}

impl<T> NoRace for Outcome<T> {}
