//! The first question a probe asks: is there a future in this type, and what holds it?
//!
//! A chain of method calls answers, one for each step. Method resolution takes the inherent method
//! where the bounds of its impl hold, and that of [`Otherwise`], which hands on, where they do not. A
//! type that nothing is known of comes out as it went in.

use std::{
    convert::Infallible,
    future::{Future, IntoFuture},
    marker::PhantomData,
};

use futures_util::stream::Stream;

use super::shape::{Container, Driving, Many, One};

/// A type, without a value of it; `Send` and `Sync` whatever the type is.
pub struct Probe<T: ?Sized>(PhantomData<fn() -> *const T>);

impl<T: ?Sized> Probe<T> {
    /// The place for it. A constant and no call: a call may unwind, and would change the layout of a future.
    pub const NEW: Self = Self(PhantomData);

    /// Learns the type of a value.
    pub fn is_of(self, _: &T) {}
}

/// A container, on its way through the steps that look into it.
pub struct Holder<T: ?Sized>(PhantomData<fn() -> *const T>);

/// Absorbs the type of an expression that diverges: `return`, `exit(0)`.
pub struct Diverges(());

/// Nothing pending, or nothing known.
#[derive(Clone, Copy)]
pub struct Clear;

/// A `Result` without pending work in it.
#[derive(Clone, Copy)]
pub struct Unread;

/// A future of type `F`, held alone or among others.
pub struct Found<F: ?Sized, S>(PhantomData<fn() -> *const F>, PhantomData<S>);

impl<F: ?Sized, S> Found<F, S> {
    const NEW: Self = Self(PhantomData, PhantomData);
}

macro_rules! copies {
    ($($type:ty [$($generics:tt)*]),*) => {
        $(
            impl<$($generics)*> Clone for $type {
                fn clone(&self) -> Self {
                    *self
                }
            }
            impl<$($generics)*> Copy for $type {}
        )*
    };
}

copies!(Probe<T> [T: ?Sized], Holder<T> [T: ?Sized], Found<F, S> [F: ?Sized, S]);

type Inner<T> = <T as Container>::Inner;
type Other<T> = <T as Container>::Other;
type Deep<T> = <Inner<T> as Container>::Shape;

macro_rules! otherwise {
    ($($step:ident),*) => {
        /// The step that finds nothing.
        pub trait Otherwise: Copy {
            $(
                /// Hands on what came in.
                #[must_use]
                fn $step(self) -> Self {
                    self
                }
            )*
        }
    };
}

impl<T: Copy> Otherwise for T {}

macro_rules! steps {
    ($($step:ident [$($generics:tt)*] $receiver:ty => $found:ty, $value:expr $(, where { $($bounds:tt)* })?;)*) => {
        $(impl<$($generics)*> $receiver $(where $($bounds)*)? {
            /// What this step finds.
            #[must_use]
            pub fn $step(self) -> $found {
                $value
            }
        })*
    };
}

// Few steps, and all of them by value: they are checked anew in every body that has a probe. What holds
// nothing and what holds something go separate ways after the first three, and share the names.
otherwise!(s00, s01, s02, s03, s04, s05, s06, s07, s08, s09, s10, s11, s12);

steps! {
    // Absorbs what diverges.
    s00 [] Probe<Diverges> => Clear, Clear;
    // A future.
    s01 [T: ?Sized] Probe<T> => Found<T, One>, Found::NEW, where { T: Future };
    // A container: what follows asks what is in it. What is borrowed counts as an empty one, for its owner is watched.
    s02 [T: ?Sized] Probe<T> => Holder<T>, Holder(PhantomData), where { T: Container };

    // Futures in it, on one side or the other, as in an error.
    s03 [T: ?Sized] Holder<T> => Found<Inner<T>, T::Shape>, Found::NEW, where { T: Container, Inner<T>: Future };
    s04 [T: ?Sized] Holder<T> => Found<Other<T>, T::Shape>, Found::NEW, where { T: Container, Other<T>: Future };
    // Two deep.
    s05 [T: ?Sized] Holder<T> => Found<Inner<Inner<T>>, Deep<T>>, Found::NEW, where { T: Container, Inner<T>: Container, Inner<Inner<T>>: Future };
    s06 [T: ?Sized] Holder<T> => Found<Other<Inner<T>>, Deep<T>>, Found::NEW, where { T: Container, Inner<T>: Container, Other<Inner<T>>: Future };
    s07 [T: ?Sized] Holder<T> => Found<Inner<Other<T>>, Many>, Found::NEW, where { T: Container, Other<T>: Container, Inner<Other<T>>: Future };
    s08 [T: ?Sized] Holder<T> => Found<Other<Other<T>>, Many>, Found::NEW, where { T: Container, Other<T>: Container, Other<Other<T>>: Future };
    // Three deep.
    s09 [T: ?Sized] Holder<T> => Found<Inner<Inner<Inner<T>>>, Many>, Found::NEW, where { T: Container, Inner<T>: Container, Inner<Inner<T>>: Container, Inner<Inner<Inner<T>>>: Future };
    s10 [T: ?Sized] Holder<T> => Found<Other<Inner<Inner<T>>>, Many>, Found::NEW, where { T: Container, Inner<T>: Container, Inner<Inner<T>>: Container, Other<Inner<Inner<T>>>: Future };
    // An iterator of futures in it.
    s11 [T: ?Sized] Holder<T> => Found<<Inner<T> as Iterator>::Item, Many>, Found::NEW, where { T: Container, Inner<T>: Iterator, <Inner<T> as Iterator>::Item: Future };
    // A result that cannot fail.
    s12 [T] Holder<Result<T, Infallible>> => Clear, Clear;

    // An iterator: of futures, or of containers of futures.
    s03 [T: ?Sized] Probe<T> => Found<T::Item, Many>, Found::NEW, where { T: Iterator, T::Item: Future };
    s04 [T: ?Sized] Probe<T> => Found<Inner<T::Item>, Many>, Found::NEW, where { T: Iterator, T::Item: Container, Inner<T::Item>: Future };
    s05 [T: ?Sized] Probe<T> => Found<Other<T::Item>, Many>, Found::NEW, where { T: Iterator, T::Item: Container, Other<T::Item>: Future };
    // A stream: of futures, or one that drives futures of its own.
    s06 [T: ?Sized] Probe<T> => Found<T::Item, Many>, Found::NEW, where { T: Stream, T::Item: Future };
    s07 [T: ?Sized] Probe<T> => Found<T::Way, Many>, Found::NEW, where { T: Driving };
    // What `.await` turns into a future.
    s08 [T] Probe<T> => Found<T::IntoFuture, One>, Found::NEW, where { T: IntoFuture };
}
