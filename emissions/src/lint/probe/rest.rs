//! The parts of a tuple that a pattern leaves out with `..`.

use std::marker::PhantomData;

use super::{find::Probe, shape::Nothing};

/// A tuple without the `FRONT` parts at its start and the `BACK` parts at its end.
pub trait Trim<const FRONT: usize, const BACK: usize> {
    /// What is left between them.
    type Rest;
}

macro_rules! trims {
    ($([$($generics:tt)*] $tuple:ty, $front:literal, $back:literal => $rest:ty;)*) => {
        $(impl<$($generics)*> Trim<$front, $back> for $tuple {
            type Rest = $rest;
        })*
    };
}

trims! {
    [A, B] (A, B), 0, 1 => (A,);
    [A, B] (A, B), 1, 0 => (B,);
    [A, B, C] (A, B, C), 0, 1 => (A, B);
    [A, B, C] (A, B, C), 0, 2 => (A,);
    [A, B, C] (A, B, C), 1, 0 => (B, C);
    [A, B, C] (A, B, C), 1, 1 => (B,);
    [A, B, C] (A, B, C), 2, 0 => (C,);
    [A, B, C, D] (A, B, C, D), 0, 1 => (A, B, C);
    [A, B, C, D] (A, B, C, D), 0, 2 => (A, B);
    [A, B, C, D] (A, B, C, D), 0, 3 => (A,);
    [A, B, C, D] (A, B, C, D), 1, 0 => (B, C, D);
    [A, B, C, D] (A, B, C, D), 1, 1 => (B, C);
    [A, B, C, D] (A, B, C, D), 1, 2 => (B,);
    [A, B, C, D] (A, B, C, D), 2, 0 => (C, D);
    [A, B, C, D] (A, B, C, D), 2, 1 => (C,);
    [A, B, C, D] (A, B, C, D), 3, 0 => (D,);
}

/// A type and how many of its parts a pattern has names for.
pub struct Trimmed<T, const FRONT: usize, const BACK: usize>(PhantomData<fn() -> *const T>);

/// Asks for the rest of what is in a slot.
#[must_use]
pub fn trimmed<const FRONT: usize, const BACK: usize, T>(_: &Probe<T>) -> Trimmed<T, FRONT, BACK> {
    Trimmed(PhantomData)
}

impl<T: Trim<FRONT, BACK>, const FRONT: usize, const BACK: usize> Trimmed<T, FRONT, BACK> {
    /// The rest.
    #[must_use]
    pub fn rest(&self) -> Probe<T::Rest> {
        Probe::NEW
    }
}

/// Anything else: a longer tuple, a borrowed one.
pub trait Untrimmed {
    /// Nothing is known of the rest.
    fn rest(&self) -> Probe<Nothing> {
        Probe::NEW
    }
}

impl<T, const FRONT: usize, const BACK: usize> Untrimmed for Trimmed<T, FRONT, BACK> {}
