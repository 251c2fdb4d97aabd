//! What the field named by `bulk` can be.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    rc::Rc,
    sync::Arc,
};

/// The collection of a bulk event: `#[event(bulk = FIELD, on_empty = "…")]`.
///
/// Implemented for the collections of the standard library. A collection of your own needs one
/// line:
///
/// ```
/// struct Addresses(Vec<String>);
///
/// impl emissions::BulkCollection for Addresses {
///     fn bulk_len(&self) -> usize {
///         self.0.len()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the collection of a bulk event",
    label = "has no length the library knows",
    note = "name a field that is a collection, such as a `Vec`, or implement `emissions::BulkCollection` for its type"
)]
pub trait BulkCollection {
    /// How many facts the event carries; 0 makes it an empty batch.
    fn bulk_len(&self) -> usize;
}

macro_rules! by_len {
    ($([$($generics:tt)*] $ty:ty;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($generics)*> BulkCollection for $ty {
            fn bulk_len(&self) -> usize {
                self.len()
            }
        })*
    };
}

by_len! {
    [T] [T];
    [T] Vec<T>;
    [T] VecDeque<T>;
    [T] LinkedList<T>;
    [T] BinaryHeap<T>;
    [T] BTreeSet<T>;
    [T, S] HashSet<T, S>;
    [K, V] BTreeMap<K, V>;
    [K, V, S] HashMap<K, V, S>;
    [T, const N: usize] [T; N];
}

macro_rules! by_target {
    ($([$($generics:tt)*] $ty:ty;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($generics)*> BulkCollection for $ty {
            fn bulk_len(&self) -> usize {
                (**self).bulk_len()
            }
        })*
    };
}

by_target! {
    [T: BulkCollection + ?Sized] Box<T>;
    [T: BulkCollection + ?Sized] Rc<T>;
    [T: BulkCollection + ?Sized] Arc<T>;
    [T: BulkCollection + ToOwned + ?Sized] Cow<'_, T>;
}

/// Nothing counts as empty.
#[diagnostic::do_not_recommend]
impl<T: BulkCollection> BulkCollection for Option<T> {
    fn bulk_len(&self) -> usize {
        self.as_ref().map_or(0, BulkCollection::bulk_len)
    }
}
