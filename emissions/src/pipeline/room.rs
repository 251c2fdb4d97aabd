//! Room in bounded queues, reserved before anything is pushed.
//!
//! A queue has room for so many events and so many bytes. Whoever pushes takes room first, and what
//! was pushed holds it until it is settled. A hand-over to several queues takes room in all of them
//! or in none, so a push can't fail half-way.
//!
//! This file knows of no runtime: a model checker runs it as it is.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use super::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much room something takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

impl Need {
    /// The room of one event of this size.
    pub(crate) const fn event(bytes: usize) -> Self {
        Self { events: 1, bytes }
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self { events: self.events.saturating_add(other.events), bytes: self.bytes.saturating_add(other.bytes) }
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self { events: self.events.saturating_sub(other.events), bytes: self.bytes.saturating_sub(other.bytes) }
    }

    pub(crate) const fn fits_in(self, limit: Self) -> bool {
        self.events <= limit.events && self.bytes <= limit.bytes
    }
}

/// The room of one queue; a clone is the same room.
#[derive(Clone)]
pub(crate) struct Room {
    shared: Arc<Shared>,
}

struct Shared {
    limit: Need,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    used: Need,
    /// Those who wait, first come first served.
    line: VecDeque<Waiting>,
    /// Tickets of those whose room has been taken for them and who have not noticed yet.
    granted: Vec<u64>,
    next_ticket: u64,
    closed: bool,
}

struct Waiting {
    ticket: u64,
    need: Need,
    waker: Waker,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Position of the room among those asked for.
    pub(crate) index: usize,
    pub(crate) reason: RefusalReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalReason {
    /// There is no room now, or others wait for it already.
    Full,
    /// There will never be as much room.
    TooLarge,
    /// The queue takes nothing any more.
    Closed,
}

/// Room that is wanted, and where.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    pub(crate) room: &'a Room,
    pub(crate) need: Need,
}

impl Room {
    pub(crate) fn new(limit: Need) -> Self {
        Self { shared: Arc::new(Shared { limit, state: Mutex::new(State::default()) }) }
    }

    pub(crate) fn limit(&self) -> Need {
        self.shared.limit
    }

    /// What is taken at this moment.
    pub(crate) fn used(&self) -> Need {
        self.lock().used
    }

    /// Takes room at once; never past somebody who waits.
    pub(crate) fn try_reserve(&self, need: Need) -> Result<Reserved, RefusalReason> {
        let mut state = self.lock();
        state.check(need, self.shared.limit)?;
        state.used = state.used.plus(need);
        Ok(self.taken(need))
    }

    /// Waits for room; those who wait are served in the order in which they came.
    ///
    /// Dropping the future gives the place in the line back, and the room if it was granted.
    pub(crate) async fn reserve(&self, need: Need) -> Result<Reserved, RefusalReason> {
        InLine { room: self, need, ticket: None }.await
    }

    /// Takes room without asking whether there is any: for what must not wait for itself.
    pub(crate) fn overdraw(&self, need: Need) -> Reserved {
        let mut state = self.lock();
        state.used = state.used.plus(need);
        self.taken(need)
    }

    /// Refuses everybody from now on, those who wait included; what is taken stays so.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let line = std::mem::take(&mut state.line);
        drop(state);
        for waiting in line {
            waiting.waker.wake();
        }
    }

    fn taken(&self, need: Need) -> Reserved {
        Reserved { room: self.clone(), need }
    }

    fn give_back(&self, need: Need) {
        let mut state = self.lock();
        state.used = state.used.minus(need);
        let woken = state.serve(self.shared.limit);
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held; a poisoned one would be as good as new.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether both are the same room.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// The order in which several rooms are locked.
    fn address(&self) -> usize {
        Arc::as_ptr(&self.shared).addr()
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("used", &self.used()).field("limit", &self.limit()).finish()
    }
}

impl State {
    fn check(&self, need: Need, limit: Need) -> Result<(), RefusalReason> {
        if self.closed {
            Err(RefusalReason::Closed)
        } else if !need.fits_in(limit) {
            Err(RefusalReason::TooLarge)
        } else if self.line.is_empty() && self.used.plus(need).fits_in(limit) {
            Ok(())
        } else {
            Err(RefusalReason::Full)
        }
    }

    /// Takes room for those at the front of the line; who has to be told comes back.
    fn serve(&mut self, limit: Need) -> Vec<Waker> {
        let mut woken = Vec::new();
        while let Some(front) = self.line.front()
            && self.used.plus(front.need).fits_in(limit)
            && let Some(served) = self.line.pop_front()
        {
            self.used = self.used.plus(served.need);
            self.granted.push(served.ticket);
            woken.push(served.waker);
        }
        woken
    }

    /// Whether the room of this ticket was taken; it is told once.
    fn collect(&mut self, ticket: u64) -> bool {
        let found = self.granted.iter().position(|granted| *granted == ticket);
        if let Some(position) = found {
            self.granted.swap_remove(position);
        }
        found.is_some()
    }
}

/// One who waits for room.
struct InLine<'a> {
    room: &'a Room,
    need: Need,
    ticket: Option<u64>,
}

impl Future for InLine<'_> {
    type Output = Result<Reserved, RefusalReason>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (room, need) = (self.room, self.need);
        let mut state = room.lock();
        let Some(ticket) = self.ticket else {
            return match state.check(need, room.shared.limit) {
                Ok(()) => {
                    state.used = state.used.plus(need);
                    Poll::Ready(Ok(room.taken(need)))
                }
                Err(RefusalReason::Full) => {
                    let ticket = state.next_ticket;
                    state.next_ticket += 1;
                    state.line.push_back(Waiting { ticket, need, waker: cx.waker().clone() });
                    drop(state);
                    self.ticket = Some(ticket);
                    Poll::Pending
                }
                Err(reason) => Poll::Ready(Err(reason)),
            };
        };
        if state.collect(ticket) {
            drop(state);
            self.ticket = None;
            return Poll::Ready(Ok(room.taken(need)));
        }
        match state.line.iter_mut().find(|waiting| waiting.ticket == ticket) {
            Some(waiting) => {
                waiting.waker.clone_from(cx.waker());
                Poll::Pending
            }
            None => {
                drop(state);
                self.ticket = None;
                Poll::Ready(Err(RefusalReason::Closed))
            }
        }
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.room.lock();
        if state.collect(ticket) {
            state.used = state.used.minus(self.need);
        } else {
            state.line.retain(|waiting| waiting.ticket != ticket);
        }
        // The one behind may need less than this one did.
        let woken = state.serve(self.room.shared.limit);
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }
}

/// Room that is taken; dropping it gives the room back.
#[must_use = "dropping the reservation gives the room back"]
pub(crate) struct Reserved {
    room: Room,
    need: Need,
}

impl Reserved {
    /// Takes a part out, at most what is left: one event's share of what a batch reserved.
    pub(crate) fn split(&mut self, part: Need) -> Self {
        let part = Need { events: part.events.min(self.need.events), bytes: part.bytes.min(self.need.bytes) };
        self.need = self.need.minus(part);
        self.room.taken(part)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.need != Need::default() {
            self.room.give_back(self.need);
        }
    }
}

impl fmt::Debug for Reserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reserved").field(&self.need).finish()
    }
}

/// Takes room in every queue, or in none.
///
/// All are looked at under their locks at one moment, so nobody ever sees room taken for a
/// hand-over that then does not happen. One queue may be claimed several times.
///
/// # Errors
///
/// The first claim, in the order given, that can't be met; one that can never be met goes before
/// one that can't be met now.
pub(crate) fn try_reserve_all(claims: &[Claim<'_>]) -> Result<Vec<Reserved>, Refused> {
    let merged = Merged::of(claims);
    let mut held = merged.nothing();
    merged.take_missing(&mut held).map_err(|blocked| merged.refused(blocked))?;
    Ok(merged.hand_out(held))
}

/// Waits until there is room in every queue.
///
/// It stands in the line of one full queue at a time, holding nothing. When its turn there has come
/// it takes the rest at once; where that fails it waits for the rest as long as `patience` allows,
/// and then gives everything back and queues for the one that was missing. So no two can wait for
/// each other for ever, a queue that stands still can't block the others, and a queue that moves
/// is reached: `patience` gets the number of the round and should grow with it and be jittered.
///
/// # Errors
///
/// A queue is closed, or will never have as much room.
///
/// # Cancellation
///
/// Dropping the future gives everything back.
pub(crate) async fn reserve_all<P: Future<Output = ()>>(
    claims: &[Claim<'_>],
    patience: impl Fn(u32) -> P,
) -> Result<Vec<Reserved>, Refused> {
    let merged = Merged::of(claims);
    let mut held = merged.nothing();
    let mut blocked = match merged.take_missing(&mut held) {
        Ok(()) => return Ok(merged.hand_out(held)),
        Err(Blocked { position, reason: RefusalReason::Full }) => position,
        Err(never) => return Err(merged.refused(never)),
    };
    for round in 0_u32.. {
        held = merged.nothing();
        held[blocked] = Some(merged.wait_for(blocked).await?);
        let settled = {
            let mut rest = pin!(merged.wait_for_missing(&mut held));
            let mut pause = pin!(patience(round));
            poll_fn(|cx| match rest.as_mut().poll(cx) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending => pause.as_mut().poll(cx).map(|()| None),
            })
            .await
        };
        if let Some(result) = settled {
            return result.map(|()| merged.hand_out(held));
        }
        blocked = held.iter().position(Option::is_none).unwrap_or(blocked);
    }
    Err(merged.refused(Blocked { position: blocked, reason: RefusalReason::Full }))
}

/// Claims with one entry per room, in the order in which rooms are locked.
struct Merged<'a> {
    entries: Vec<Claim<'a>>,
    /// Per entry, the first claim on it.
    first: Vec<usize>,
    /// Per claim, its entry and its own need.
    claims: Vec<(usize, Need)>,
}

/// An entry that could not be taken.
struct Blocked {
    position: usize,
    reason: RefusalReason,
}

impl<'a> Merged<'a> {
    fn of(claims: &[Claim<'a>]) -> Self {
        let mut by_address: Vec<usize> = (0..claims.len()).collect();
        by_address.sort_by_key(|&index| (claims[index].room.address(), index));
        let mut merged =
            Self { entries: Vec::new(), first: Vec::new(), claims: vec![(0, Need::default()); claims.len()] };
        for index in by_address {
            let claim = claims[index];
            match merged.entries.last_mut().filter(|entry| entry.room.address() == claim.room.address()) {
                Some(entry) => entry.need = entry.need.plus(claim.need),
                None => {
                    merged.entries.push(claim);
                    merged.first.push(index);
                }
            }
            merged.claims[index] = (merged.entries.len() - 1, claim.need);
        }
        merged
    }

    fn nothing(&self) -> Vec<Option<Reserved>> {
        self.entries.iter().map(|_| None).collect()
    }

    fn refused(&self, blocked: Blocked) -> Refused {
        Refused { index: self.first[blocked.position], reason: blocked.reason }
    }

    /// Takes everything that is not held yet, or nothing of it.
    fn take_missing(&self, held: &mut [Option<Reserved>]) -> Result<(), Blocked> {
        let missing: Vec<usize> = (0..held.len()).filter(|&position| held[position].is_none()).collect();
        let mut states: Vec<_> = missing.iter().map(|&position| self.entries[position].room.lock()).collect();
        let blocked = missing.iter().zip(&states).filter_map(|(&position, state)| {
            let Claim { room, need } = self.entries[position];
            state.check(need, room.shared.limit).err().map(|reason| Blocked { position, reason })
        });
        let worst = blocked.min_by_key(|blocked| (blocked.reason == RefusalReason::Full, self.first[blocked.position]));
        if let Some(blocked) = worst {
            return Err(blocked);
        }
        for (&position, state) in missing.iter().zip(&mut states) {
            state.used = state.used.plus(self.entries[position].need);
        }
        drop(states);
        for position in missing {
            let Claim { room, need } = self.entries[position];
            held[position] = Some(room.taken(need));
        }
        Ok(())
    }

    async fn wait_for(&self, position: usize) -> Result<Reserved, Refused> {
        let Claim { room, need } = self.entries[position];
        room.reserve(need).await.map_err(|reason| self.refused(Blocked { position, reason }))
    }

    async fn wait_for_missing(&self, held: &mut [Option<Reserved>]) -> Result<(), Refused> {
        loop {
            match self.take_missing(held) {
                Ok(()) => return Ok(()),
                Err(Blocked { position, reason: RefusalReason::Full }) => {
                    held[position] = Some(self.wait_for(position).await?);
                }
                Err(never) => return Err(self.refused(never)),
            }
        }
    }

    /// One reservation per claim.
    fn hand_out(&self, mut held: Vec<Option<Reserved>>) -> Vec<Reserved> {
        let parts = self.claims.iter();
        parts.filter_map(|&(entry, need)| held[entry].as_mut().map(|reserved| reserved.split(need))).collect()
    }
}
