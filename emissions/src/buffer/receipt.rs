//! What a commit has achieved, as a type.

use std::{fmt, marker::PhantomData};

use uuid::Uuid;

/// Proof of what a commit has achieved: the level is its type.
///
/// | level | from | what is certain |
/// |---|---|---|
/// | [`Enqueued`] | [`Buffer::commit`](crate::Buffer::commit) | every event is in every queue it goes to |
/// | [`Acked`] | [`Buffer::commit_acked`](crate::Buffer::commit_acked) | everybody who holds the gate of an event has acknowledged it |
///
/// Only a commit makes one. A function that must not lie asks for the level it needs; a receipt of
/// a higher level converts to a lower one and never the other way:
///
/// ```
/// use emissions::{Acked, Enqueued, Receipt};
///
/// fn tell_the_user_it_is_done(_: &Receipt<Acked>) {}
/// fn tell_the_user_it_will_be(_: &Receipt<Enqueued>) {}
///
/// fn both(receipt: Receipt<Acked>) {
///     tell_the_user_it_is_done(&receipt);
///     tell_the_user_it_will_be(&receipt.into());
/// }
/// ```
///
/// ```compile_fail,E0308
/// # use emissions::{Acked, Enqueued, Receipt};
/// # fn tell_the_user_it_is_done(_: &Receipt<Acked>) {}
/// fn lie(receipt: Receipt<Enqueued>) {
///     tell_the_user_it_is_done(&receipt);
/// }
/// ```
pub struct Receipt<L: Level> {
    event_ids: Box<[Uuid]>,
    level: PhantomData<fn() -> L>,
}

impl<L: Level> Receipt<L> {
    pub(super) fn new(event_ids: Box<[Uuid]>) -> Self {
        Self { event_ids, level: PhantomData }
    }

    /// Identities of the events, in the order in which they were emitted.
    pub fn event_ids(&self) -> &[Uuid] {
        &self.event_ids
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.event_ids.len()
    }

    /// Whether there was nothing to hand over.
    pub fn is_empty(&self) -> bool {
        self.event_ids.is_empty()
    }
}

impl<L: Level> fmt::Debug for Receipt<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("level", &L::NAME).field("event_ids", &self.event_ids).finish()
    }
}

impl From<Receipt<Acked>> for Receipt<Enqueued> {
    fn from(receipt: Receipt<Acked>) -> Self {
        Self::new(receipt.event_ids)
    }
}

/// How much a receipt proves: [`Enqueued`] or [`Acked`].
pub trait Level: sealed::Sealed + 'static {
    /// Its name.
    const NAME: &'static str;
}

/// Every event is in every queue it goes to, in this process's memory. Nothing is known of listeners
/// and adapters, and a crash loses what they have not done by then.
#[derive(Debug)]
pub enum Enqueued {}

/// Every gate listener and every routed adapter has acknowledged every event.
#[derive(Debug)]
pub enum Acked {}

impl Level for Enqueued {
    const NAME: &'static str = "enqueued";
}

impl Level for Acked {
    const NAME: &'static str = "acked";
}

mod sealed {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is no level of a receipt",
        label = "what a commit achieves is said by the library alone",
        note = "the levels are `emissions::Enqueued` and `emissions::Acked`"
    )]
    pub trait Sealed {}
    impl Sealed for super::Enqueued {}
    impl Sealed for super::Acked {}
}
