//! The second question a probe asks: what sort of work is the future that was found?

use std::{future::Future, marker::PhantomData, pin::Pin};

use futures_util::future::Either;

use super::{
    find::{Clear, Found, Holder, Probe, Unread},
    never_called,
    shape::{Container, OneByOne, OsThread, Tracked},
};

/// Work of a sort `K`, held alone (`One`) or among others (`Many`).
pub struct Work<K, S>(PhantomData<(K, S)>);

impl<K, S> Clone for Work<K, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, S> Copy for Work<K, S> {}

/// A future that does nothing until it is awaited.
pub struct Lazy(());

/// Futures that are made one after another, each when the one before is done.
pub struct Sequence(());

/// A task, which runs whether it is awaited or not.
pub struct Task(());

/// A task that ends with its handle.
pub struct Leashed(());

/// An operating system thread.
pub struct Thread(());

/// What a task tracker tracks.
pub struct InTracker(());

/// A future that starts no work: a timer, a notification.
pub struct Idle(());

/// The receiving end of a channel: a future, and no work.
pub struct Signal(());

/// A future shared between clones.
pub struct Twin(());

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
    [S, T] Found<tokio::sync::oneshot::Receiver<T>, S> => Work<Signal, S>, Work(PhantomData);
    [S, T] Found<tokio::task::JoinHandle<T>, S> => Work<Task, S>, Work(PhantomData);
    [S, T, U] Found<Either<tokio::task::JoinHandle<T>, tokio::task::JoinHandle<U>>, S> => Work<Task, S>, Work(PhantomData);
    [S, T] Found<tokio_util::task::AbortOnDropHandle<T>, S> => Work<Leashed, S>, Work(PhantomData);
    [S] Found<OneByOne, S> => Work<Sequence, S>, Work(PhantomData);
    [S] Found<OsThread, S> => Work<Thread, S>, Work(PhantomData);
    [S] Found<Tracked, S> => Work<InTracker, S>, Work(PhantomData);
    [S] Found<tokio::sync::futures::Notified<'_>, S> => Work<Idle, S>, Work(PhantomData);
    [S] Found<tokio::sync::futures::OwnedNotified, S> => Work<Idle, S>, Work(PhantomData);
    [S] Found<tokio::time::Sleep, S> => Work<Idle, S>, Work(PhantomData);
    [S] Found<Pin<Box<tokio::time::Sleep>>, S> => Work<Idle, S>, Work(PhantomData);
    [S] Found<tokio_util::sync::WaitForCancellationFuture<'_>, S> => Work<Idle, S>, Work(PhantomData);
    [S] Found<tokio_util::sync::WaitForCancellationFutureOwned, S> => Work<Idle, S>, Work(PhantomData);
    [S, T] Found<std::future::Ready<T>, S> => Work<Idle, S>, Work(PhantomData);
    [S, T] Found<std::future::Pending<T>, S> => Work<Idle, S>, Work(PhantomData);
    [S, T] Found<futures_util::future::Ready<T>, S> => Work<Idle, S>, Work(PhantomData);
    [S, T] Found<futures_util::future::Pending<T>, S> => Work<Idle, S>, Work(PhantomData);
    [S, F: Future] Found<futures_util::future::Shared<F>, S> => Work<Twin, S>, Work(PhantomData);
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
    type Sort = Work<Lazy, S>;
    fn sort(self) -> Work<Lazy, S> {
        Work(PhantomData)
    }
}
