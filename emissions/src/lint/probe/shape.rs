//! Which part of a type is the pending work: containers, their contents, and what drives itself.

use std::{
    cell::{Cell, LazyCell, OnceCell, RefCell, UnsafeCell},
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    future::Future,
    marker::PhantomData,
    mem::ManuallyDrop,
    pin::Pin,
    rc::Rc,
    sync::{Arc, LazyLock, Mutex, OnceLock, RwLock},
    task::{Context, Poll},
};

use futures_util::{
    future::TryFuture,
    stream::{self, TryStream},
};

use super::find::{Clear, Unread};

/// Holds one piece of work at most: an `Option`, a `Box`, a cell.
#[derive(Clone, Copy)]
pub struct One;

/// Holds any number of pieces.
#[derive(Clone, Copy)]
pub struct Many;

/// Stands for "nothing here"; not a future.
#[derive(Clone, Copy)]
pub struct Nothing;

/// Stands for an operating system thread in the place of a future.
pub struct OsThread(());

/// Stands for what a task tracker tracks in the place of a future.
pub struct Tracked(());

/// Stands for the futures a stream drives.
pub struct Driven(());

impl Future for Driven {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl Future for OsThread {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

impl Future for Tracked {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// A type that owns values of other types, which may be pending work.
pub trait Container {
    /// What it holds.
    type Inner: ?Sized;
    /// What else it holds: the error of a result, the rest of a tuple.
    type Other: ?Sized;
    /// [`One`] or [`Many`].
    type Shape;
    /// What it is if it holds no work.
    type Empty;
}

macro_rules! containers {
    ($($shape:ident, $empty:ident { $([$($generics:tt)*] $holder:ty => $inner:ty, $other:ty;)* })*) => {
        $($(impl<$($generics)*> Container for $holder {
            type Inner = $inner;
            type Other = $other;
            type Shape = $shape;
            type Empty = $empty;
        })*)*
    };
}

containers! {
    One, Unread {
        [T, E] Result<T, E> => T, E;
    }
    One, Clear {
        [T: ?Sized] &T => Nothing, Nothing;
        [T: ?Sized] &mut T => Nothing, Nothing;
        [T: ?Sized] Pin<&mut T> => Nothing, Nothing;
        [T] Option<T> => T, Nothing;
        [T] Poll<T> => T, Nothing;
        [T: ?Sized] Box<T> => T, Nothing;
        [T: ?Sized] Rc<T> => T, Nothing;
        [T: ?Sized] Arc<T> => T, Nothing;
        [T] Pin<Box<T>> => T, Nothing;
        [T] Cell<T> => T, Nothing;
        [T] RefCell<T> => T, Nothing;
        [T] UnsafeCell<T> => T, Nothing;
        [T] OnceCell<T> => T, Nothing;
        [T] OnceLock<T> => T, Nothing;
        [T, F] LazyCell<T, F> => T, Nothing;
        [T, F] LazyLock<T, F> => T, Nothing;
        [T] Mutex<T> => T, Nothing;
        [T] RwLock<T> => T, Nothing;
        [T] ManuallyDrop<T> => T, Nothing;
        [T] std::cmp::Reverse<T> => T, Nothing;
        [T] std::panic::AssertUnwindSafe<T> => T, Nothing;
        [B, C] std::ops::ControlFlow<B, C> => C, B;
        [T] tokio::sync::Mutex<T> => T, Nothing;
        [T] tokio::sync::RwLock<T> => T, Nothing;
        [T] tokio::sync::OnceCell<T> => T, Nothing;
        [T] std::thread::JoinHandle<T> => OsThread, PhantomData<T>;
        [A] (A,) => A, Nothing;
        [A, B] (A, B) => A, B;
        [A, B, C] (A, B, C) => A, (B, C);
        [A, B, C, D] (A, B, C, D) => (A, B), (C, D);
        [A, B, C, D, E] (A, B, C, D, E) => (A, B), (C, (D, E));
        [A, B, C, D, E, F] (A, B, C, D, E, F) => ((A, B), (C, D)), (E, F);
    }
    Many, Clear {
        [T] Vec<T> => T, Nothing;
        [T] [T] => T, Nothing;
        [T, const N: usize] [T; N] => T, Nothing;
        [T] VecDeque<T> => T, Nothing;
        [T] LinkedList<T> => T, Nothing;
        [T] BinaryHeap<T> => T, Nothing;
        [T] BTreeSet<T> => T, Nothing;
        [T, S] HashSet<T, S> => T, Nothing;
        [K, V] BTreeMap<K, V> => V, K;
        [K, V, S] HashMap<K, V, S> => V, K;
        [T] tokio::task::JoinSet<T> => tokio::task::JoinHandle<T>, Nothing;
        [] tokio_util::task::TaskTracker => Tracked, Nothing;
        [F: Future] stream::FuturesUnordered<F> => F, Nothing;
        [F: Future] stream::FuturesOrdered<F> => F, Nothing;
    }
}

/// Stands for the futures of a stream that makes each of them when the one before is done.
pub struct OneByOne(());

/// A stream that starts or polls futures of its own when it is driven, and does nothing until then.
pub trait Driving {
    /// [`Driven`], or [`OneByOne`] if nothing is left behind where the reader stops.
    type Way;
}

macro_rules! driving {
    ($($way:ident { $([$($generics:tt)*] $stream:ty;)* })*) => {
        $($(impl<$($generics)*> Driving for $stream {
            type Way = $way;
        })*)*
    };
}

driving! {
    Driven {
        [S: stream::Stream<Item: Future>] stream::Buffered<S>;
        [S: stream::Stream<Item: Future>] stream::BufferUnordered<S>;
        [S: TryStream<Ok = F>, F: TryFuture<Error = S::Error>] stream::TryBuffered<S>;
        [S: TryStream<Ok = F>, F: TryFuture<Error = S::Error>] stream::TryBufferUnordered<S>;
    }
    OneByOne {
        [S: stream::Stream, Fut: Future, F: FnMut(S::Item) -> Fut] stream::Then<S, Fut, F>;
        [S: stream::Stream, Fut: Future, F: FnMut(S::Item) -> Fut] stream::FilterMap<S, Fut, F>;
        [S: TryStream, Fut: Future, F: FnMut(S::Ok) -> Fut] stream::AndThen<S, Fut, F>;
        [S: TryStream, Fut: Future, F: FnMut(S::Error) -> Fut] stream::OrElse<S, Fut, F>;
        [T, F: FnMut(T) -> Fut, Fut: Future] stream::Unfold<T, F, Fut>;
        [Fut: Future] stream::Once<Fut>;
    }
}
