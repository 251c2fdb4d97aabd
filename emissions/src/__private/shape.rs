//! Types that readers can't parse safely, where only the compiler sees through an alias.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    num::{NonZeroI64, NonZeroIsize, NonZeroU64, NonZeroUsize},
    rc::Rc,
    sync::Arc,
};

use serde_json::value::RawValue;

/// A 64-bit integer, alone or within an option or list: readers with 53-bit numbers corrupt it.
pub trait WideInteger {}

/// A type no field of an event has.
pub trait Refused {
    /// The compile error.
    const WHY: &'static str;
}

/// A key that is not written as a string of its own.
pub trait NoStringKey {}

macro_rules! mark {
    ($marker:ident: $($ty:ty),* $(,)?) => {
        $(impl $marker for $ty {})*
    };
}

mark!(WideInteger: u64, i64, usize, isize, NonZeroU64, NonZeroI64, NonZeroUsize, NonZeroIsize);
mark!(NoStringKey: u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, bool);

macro_rules! refuse {
    ($why:literal: $($ty:ty),* $(,)?) => {
        $(impl Refused for $ty {
            const WHY: &'static str = $why;
        })*
    };
}

refuse!("this type can hold anything, so readers can rely on nothing: declare a struct with the fields it has":
    serde_json::Value, serde_json::Map<String, serde_json::Value>, RawValue);
refuse!("this type is wider than the integers that JSON readers keep exact: write it as a string with `#[field(string)]`":
    u128, i128);
refuse!("this type has parts without names: declare a struct with a name for each part": ());

macro_rules! refuse_tuples {
    ($($($name:ident)+;)*) => {
        $(impl<$($name),+> Refused for ($($name,)+) {
            const WHY: &'static str = <() as Refused>::WHY;
        })*
    };
}

refuse_tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}

const KEY: &str = "the keys of this map are no strings, and JSON has no other keys: use `String` or a newtype of it as key, or a list of structs";

impl<K: NoStringKey, V, S> Refused for HashMap<K, V, S> {
    const WHY: &'static str = KEY;
}

impl<K: NoStringKey, V> Refused for BTreeMap<K, V> {
    const WHY: &'static str = KEY;
}

macro_rules! as_within {
    ($($within:ty),* $(,)?) => {
        $(
            impl<T: WideInteger> WideInteger for $within {}
            impl<T: Refused> Refused for $within {
                const WHY: &'static str = T::WHY;
            }
        )*
    };
}

as_within!(Option<T>, Vec<T>, VecDeque<T>, BTreeSet<T>, [T]);

impl<T: WideInteger, const N: usize> WideInteger for [T; N] {}
impl<T: WideInteger, S> WideInteger for HashSet<T, S> {}

impl<T: Refused, const N: usize> Refused for [T; N] {
    const WHY: &'static str = T::WHY;
}

macro_rules! as_behind {
    ($($behind:ty),* $(,)?) => {
        $(
            impl<T: WideInteger + ?Sized> WideInteger for $behind {}
            impl<T: Refused + ?Sized> Refused for $behind {
                const WHY: &'static str = T::WHY;
            }
        )*
    };
}

as_behind!(Box<T>, Arc<T>, Rc<T>);
