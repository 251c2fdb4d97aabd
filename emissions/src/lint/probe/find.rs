//! The first question a probe asks: is there a future in this type, and what holds it?
//!
//! Method resolution answers: the call is written with one `&` more than there are levels below the
//! first, and the highest level whose impl applies gives the method. A type that nothing is known of
//! falls to the last level, [`Clear`].

use std::{
    convert::Infallible,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
};

use futures_util::stream::Stream;

use super::shape::{Container, Driven, Driving, Many, One};

/// A type, without a value of it; `Send` and `Sync` whatever the type is.
pub struct Probe<T: ?Sized>(PhantomData<fn() -> *const T>);

impl<T: ?Sized> Probe<T> {
    pub(super) const NEW: Self = Self(PhantomData);
}

/// Absorbs the type of an expression that diverges: `return`, `exit(0)`.
pub struct Diverges(());

/// Nothing pending, or nothing known.
#[derive(Clone, Copy)]
pub struct Clear;

/// A stream that may be a mere source of values.
#[derive(Clone, Copy)]
pub struct Source;

/// A `Result` without pending work in it.
#[derive(Clone, Copy)]
pub struct Outcome;

/// A future of type `F`, held alone or among others.
pub struct Found<F: ?Sized, S>(PhantomData<fn() -> *const F>, PhantomData<S>);

impl<F: ?Sized, S> Found<F, S> {
    const NEW: Self = Self(PhantomData, PhantomData);
}

type Inner<T> = <T as Container>::Inner;
type Other<T> = <T as Container>::Other;
type Deep<T> = <Inner<T> as Container>::Shape;

macro_rules! traits {
    ($($level:ident),*) => {
        $(
            /// One level of the search.
            pub trait $level {
                /// What this level finds.
                type Found;
                /// The finding.
                fn find(&self) -> Self::Found;
            }
        )*
    };
}

macro_rules! levels {
    ($($level:ident [$($generics:tt)*] $receiver:ty => $found:ty, $value:expr $(, where { $($bounds:tt)* })?;)*) => {
        $(impl<$($generics)*> $level for $receiver $(where $($bounds)*)? {
            type Found = $found;
            fn find(&self) -> $found {
                $value
            }
        })*
    };
}

traits!(L00, L01, L02, L03, L04, L05, L06, L07, L08, L09, L10, L11, L12, L13, L14, L15, L16, L17, L18, L19, L20, L21);

levels! {
    // Absorbs what diverges.
    L21 [] &&&&&&&&&&&&&&&&&&&&&Probe<Diverges> => Clear, Clear;
    // Borrowed: the owner is watched instead.
    L20 [T: ?Sized] &&&&&&&&&&&&&&&&&&&&Probe<&T> => Clear, Clear;
    L20 [T: ?Sized] &&&&&&&&&&&&&&&&&&&&Probe<&mut T> => Clear, Clear;
    L20 [T: ?Sized] &&&&&&&&&&&&&&&&&&&&Probe<Pin<&mut T>> => Clear, Clear;
    // A future.
    L19 [T: ?Sized] &&&&&&&&&&&&&&&&&&&Probe<T> => Found<T, One>, Found::NEW, where { T: Future };
    // A container of futures.
    L18 [T: ?Sized] &&&&&&&&&&&&&&&&&&Probe<T> => Found<Inner<T>, T::Shape>, Found::NEW, where { T: Container, Inner<T>: Future };
    // The same on the other side, as in an error.
    L17 [T: ?Sized] &&&&&&&&&&&&&&&&&Probe<T> => Found<Other<T>, T::Shape>, Found::NEW, where { T: Container, Other<T>: Future };
    // Two deep.
    L16 [T: ?Sized] &&&&&&&&&&&&&&&&Probe<T> => Found<Inner<Inner<T>>, Deep<T>>, Found::NEW, where { T: Container, Inner<T>: Container, Inner<Inner<T>>: Future };
    L15 [T: ?Sized] &&&&&&&&&&&&&&&Probe<T> => Found<Other<Inner<T>>, Deep<T>>, Found::NEW, where { T: Container, Inner<T>: Container, Other<Inner<T>>: Future };
    L14 [T: ?Sized] &&&&&&&&&&&&&&Probe<T> => Found<Inner<Other<T>>, Many>, Found::NEW, where { T: Container, Other<T>: Container, Inner<Other<T>>: Future };
    L13 [T: ?Sized] &&&&&&&&&&&&&Probe<T> => Found<Other<Other<T>>, Many>, Found::NEW, where { T: Container, Other<T>: Container, Other<Other<T>>: Future };
    // Three deep.
    L12 [T: ?Sized] &&&&&&&&&&&&Probe<T> => Found<Inner<Inner<Inner<T>>>, Many>, Found::NEW, where { T: Container, Inner<T>: Container, Inner<Inner<T>>: Container, Inner<Inner<Inner<T>>>: Future };
    L11 [T: ?Sized] &&&&&&&&&&&Probe<T> => Found<Other<Inner<Inner<T>>>, Many>, Found::NEW, where { T: Container, Inner<T>: Container, Inner<Inner<T>>: Container, Other<Inner<Inner<T>>>: Future };
    // An iterator of futures, of containers of futures, and a container of such an iterator.
    L10 [T: ?Sized] &&&&&&&&&&Probe<T> => Found<T::Item, Many>, Found::NEW, where { T: Iterator, T::Item: Future };
    L09 [T: ?Sized] &&&&&&&&&Probe<T> => Found<Inner<T::Item>, Many>, Found::NEW, where { T: Iterator, T::Item: Container, Inner<T::Item>: Future };
    L08 [T: ?Sized] &&&&&&&&Probe<T> => Found<Other<T::Item>, Many>, Found::NEW, where { T: Iterator, T::Item: Container, Other<T::Item>: Future };
    L07 [T: ?Sized] &&&&&&&Probe<T> => Found<<Inner<T> as Iterator>::Item, Many>, Found::NEW, where { T: Container, Inner<T>: Iterator, <Inner<T> as Iterator>::Item: Future };
    // A stream of futures, or one that drives futures of its own.
    L06 [T: ?Sized] &&&&&&Probe<T> => Found<T::Item, Many>, Found::NEW, where { T: Stream, T::Item: Future };
    L05 [T: ?Sized] &&&&&Probe<T> => Found<Driven, Many>, Found::NEW, where { T: Driving };
    // Any other stream.
    L04 [T: ?Sized] &&&&Probe<T> => Source, Source, where { T: Stream };
    // What `.await` turns into a future.
    L03 [T] &&&Probe<T> => Found<T::IntoFuture, One>, Found::NEW, where { T: IntoFuture };
    // A result that cannot fail.
    L02 [T] &&Probe<Result<T, Infallible>> => Clear, Clear;
    // A result.
    L01 [T, E] &Probe<Result<T, E>> => Outcome, Outcome;
    // Everything else.
    L00 [T: ?Sized] Probe<T> => Clear, Clear;
}
