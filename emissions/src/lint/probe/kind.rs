//! The second question a probe asks: what sort of work is the future that was found?

use std::{future::Future, marker::PhantomData, pin::Pin};

use futures_util::future::Either;

use super::{
    Kept,
    find::{Clear, Found, Holder, Probe, Unread},
    never_called,
    shape::{Container, OneByOne, OsThread, Tracked},
};

macro_rules! kinds {
    ($($(#[$text:meta])* $kind:ident;)*) => {
        $(
            $(#[$text])*
            pub struct $kind<S>(PhantomData<S>);

            impl<S> Clone for $kind<S> {
                fn clone(&self) -> Self {
                    *self
                }
            }

            impl<S> Copy for $kind<S> {}

            impl<S> Kept for $kind<S> {
                type Given<A> = Clear;
                fn given<A>(self, _: A) -> Clear {
                    Clear
                }
            }
        )*
    };
}

// Each of them held alone (`One`) or among others (`Many`). The compiler quotes these types in errors, and
// writes a type that is too long for the terminal into a file: hence no type around them, and a short path.
kinds! {
    /// A future that does nothing until it is awaited.
    Lazy;
    /// Futures that are made one after another, each when the one before is done.
    Sequence;
    /// A task, which runs whether it is awaited or not.
    Task;
    /// A task that ends with its handle.
    Leashed;
    /// An operating system thread.
    Thread;
    /// What a task tracker tracks.
    InTracker;
    /// A future that starts no work: a timer, a notification.
    Idle;
    /// The receiving end of a channel: a future, and no work.
    Signal;
    /// A future shared between clones.
    Twin;
}

macro_rules! sort {
    ($([$($generics:tt)*] $found:ty => $sort:ty, $value:expr;)*) => {
        $(impl<$($generics)*> $found {
            /// What sort of work it is.
            #[must_use]
            pub fn sort(self) -> $sort {
                $value
            }
        })*
    };
}

sort! {
    [S, T: ?Sized] Found<&mut T, S> => Clear, Clear;
    [S, T: ?Sized] Found<Pin<&mut T>, S> => Clear, Clear;
    [S, T] Found<tokio::sync::oneshot::Receiver<T>, S> => Signal<S>, Signal(PhantomData);
    [S, T] Found<tokio::task::JoinHandle<T>, S> => Task<S>, Task(PhantomData);
    [S, T, U] Found<Either<tokio::task::JoinHandle<T>, tokio::task::JoinHandle<U>>, S> => Task<S>, Task(PhantomData);
    [S, T] Found<tokio_util::task::AbortOnDropHandle<T>, S> => Leashed<S>, Leashed(PhantomData);
    [S] Found<OneByOne, S> => Sequence<S>, Sequence(PhantomData);
    [S] Found<OsThread, S> => Thread<S>, Thread(PhantomData);
    [S] Found<Tracked, S> => InTracker<S>, InTracker(PhantomData);
    [S] Found<tokio::sync::futures::Notified<'_>, S> => Idle<S>, Idle(PhantomData);
    [S] Found<tokio::sync::futures::OwnedNotified, S> => Idle<S>, Idle(PhantomData);
    [S] Found<tokio::time::Sleep, S> => Idle<S>, Idle(PhantomData);
    [S] Found<Pin<Box<tokio::time::Sleep>>, S> => Idle<S>, Idle(PhantomData);
    [S] Found<tokio_util::sync::WaitForCancellationFuture<'_>, S> => Idle<S>, Idle(PhantomData);
    [S] Found<tokio_util::sync::WaitForCancellationFutureOwned, S> => Idle<S>, Idle(PhantomData);
    [S, T] Found<std::future::Ready<T>, S> => Idle<S>, Idle(PhantomData);
    [S, T] Found<std::future::Pending<T>, S> => Idle<S>, Idle(PhantomData);
    [S, T] Found<futures_util::future::Ready<T>, S> => Idle<S>, Idle(PhantomData);
    [S, T] Found<futures_util::future::Pending<T>, S> => Idle<S>, Idle(PhantomData);
    [S, F: Future] Found<futures_util::future::Shared<F>, S> => Twin<S>, Twin(PhantomData);
    [T: ?Sized] Probe<T> => Clear, Clear;
    [] Clear => Clear, Clear;
    [] Unread => Unread, Unread;
}

impl<T: Container + ?Sized> Holder<T> {
    /// Nothing was found in it.
    pub fn sort(self) -> T::Empty {
        never_called()
    }
}

/// Any other future.
pub trait AnyOther {
    /// It is lazy as far as anybody knows.
    type Sort;
    /// What sort of work it is.
    fn sort(self) -> Self::Sort;
}

impl<F: ?Sized, S> AnyOther for Found<F, S> {
    type Sort = Lazy<S>;
    fn sort(self) -> Lazy<S> {
        Lazy(PhantomData)
    }
}
