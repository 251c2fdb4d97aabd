//! Can what a type holds be driven by somebody who has a shared borrow of it?

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{BTreeMap, HashMap, VecDeque},
    future::Future,
    rc::Rc,
    sync::{Arc, Mutex, OnceLock, RwLock},
};

use futures_util::future::Shared;
use tokio_util::task::TaskTracker;

use super::find::{Clear, Probe};

/// A shared borrow is enough to await, to clone or to take out what is in it.
pub trait ThroughShared {}

macro_rules! through_shared {
    ($([$($generics:tt)*] $type:ty;)*) => {
        $(impl<$($generics)*> ThroughShared for $type {})*
    };
}

through_shared! {
    [] TaskTracker;
    [F: Future] Shared<F>;
    [T] Cell<T>;
    [T] RefCell<T>;
    [T] OnceCell<T>;
    [T] OnceLock<T>;
    [T] Mutex<T>;
    [T] RwLock<T>;
    [T] tokio::sync::Mutex<T>;
    [T] tokio::sync::RwLock<T>;
    [T] tokio::sync::OnceCell<T>;
    [T: ?Sized + ThroughShared] Arc<T>;
    [T: ?Sized + ThroughShared] Rc<T>;
    [T: ?Sized + ThroughShared] Box<T>;
    [T: ThroughShared] Option<T>;
    [T: ThroughShared] Vec<T>;
    [T: ThroughShared] VecDeque<T>;
    [T: ThroughShared, const N: usize] [T; N];
    [K, V: ThroughShared] BTreeMap<K, V>;
    [K, V: ThroughShared, S] HashMap<K, V, S>;
}

/// Whoever has the borrow may have driven it.
pub struct Drivable(());

/// Whoever has the borrow can only look.
pub struct Readable(());

impl Drivable {
    /// Nobody can tell whether it is pending.
    pub fn judge<A>(&self, _: A) -> Clear {
        Clear
    }
}

impl Readable {
    /// It is as pending as before.
    pub fn judge<A>(&self, finding: A) -> A {
        finding
    }
}

/// The type can be driven.
pub trait B1 {
    /// It can.
    fn lent(&self) -> Drivable {
        Drivable(())
    }
}
impl<T: ?Sized + ThroughShared> B1 for &Probe<T> {}

/// The type is any other.
pub trait B0 {
    /// It can be looked at.
    fn lent(&self) -> Readable {
        Readable(())
    }
}
impl<T: ?Sized> B0 for Probe<T> {}
