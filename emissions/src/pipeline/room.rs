//! Room in bounded queues, reserved before anything is pushed.
//!
//! A queue has room for so many events and so many bytes. Whoever pushes takes room first, and what
//! was pushed holds it until it is settled. A hand-over to several queues takes room in all of them
//! or in none, so a push can't fail half-way.
//!
//! # Why everybody who waits gets through
//!
//! Whoever has to wait gets a number and stands in the line of each of its queues, all at one moment
//! under all their locks, and its number is higher than any given out there before. So two that have
//! a queue in common stand in the same order everywhere.
//!
//! Standing in a line is not yet a claim. A hand-over goes through its queues one after the other:
//! it claims room in the first, and in the next one only once there would be room for it in those
//! before. A claim counts as taken for those with higher numbers and does not exist for those with
//! lower ones. Nothing is held: when there would be room everywhere, all of it is taken at once.
//!
//! - No two wait for each other: the one with the lowest number of all that claim something in its
//!   queues is in nobody's way but the consumers', who wait for no room.
//! - Nobody starves: only lower numbers go before it, there are finitely many of them, and by the
//!   same argument each gets through, or stands still behind a queue that does.
//! - A queue that stands still blocks nobody elsewhere: one that has claimed room and waits for a
//!   further queue has patience, and then begins with that queue, claiming nothing in the others.
//! - Patience doubles from round to round, so it outlasts any time in which a queue makes room at
//!   all; after finitely many rounds the one with the lowest number finds room everywhere.
//!
//! So a hand-over gets through if each of its own queues goes on making room, whatever the others do.
//!
//! This file knows of no runtime: a model checker runs it as it is.

use std::{
    collections::BTreeMap,
    fmt,
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Waker, ready},
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
    /// Those who wait, by their numbers.
    line: BTreeMap<u64, Waiting>,
    /// What those in the line claim, all together.
    claimed: Need,
    next_number: u64,
    closed: bool,
}

struct Waiting {
    need: Need,
    /// Whether those behind have to leave its room free.
    claims: bool,
    /// To be woken once there is room, or at the end; nobody once that has happened.
    waker: Option<Waker>,
    /// Whether it is room here that it waits for.
    blocked: bool,
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

    /// Takes room at once; never room that somebody waits for.
    pub(crate) fn try_reserve(&self, need: Need) -> Result<Reserved, RefusalReason> {
        let mut state = self.lock();
        state.check(need, self.shared.limit)?;
        state.used = state.used.plus(need);
        Ok(self.taken(need))
    }

    /// Waits for room; those who wait are served in the order in which they came.
    ///
    /// Dropping the future gives the place in the line back.
    pub(crate) async fn reserve(&self, need: Need) -> Result<Reserved, RefusalReason> {
        match self.try_reserve(need) {
            Err(RefusalReason::Full) => {}
            result => return result,
        }
        let claims = [Claim { room: self, need }];
        // With one queue there is nothing to be patient about.
        let reserved = reserve_all(&claims, |_| std::future::pending()).await;
        reserved.map_err(|refused| refused.reason)?.pop().ok_or(RefusalReason::Full)
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
        let waiting: Vec<Waker> = state.line.values_mut().filter_map(|waiting| waiting.waker.take()).collect();
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
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
        match self.never(need, limit) {
            Some(never) => Err(never),
            None if self.used.plus(self.claimed).plus(need).fits_in(limit) => Ok(()),
            None => Err(RefusalReason::Full),
        }
    }

    /// Why waiting would not help.
    fn never(&self, need: Need, limit: Need) -> Option<RefusalReason> {
        if self.closed {
            Some(RefusalReason::Closed)
        } else {
            (!need.fits_in(limit)).then_some(RefusalReason::TooLarge)
        }
    }

    /// What is taken or claimed by those who go before this number.
    fn before(&self, number: u64) -> Need {
        let earlier = self.line.range(..number).filter(|(_, waiting)| waiting.claims);
        earlier.fold(self.used, |sum, (_, waiting)| sum.plus(waiting.need))
    }

    /// Those for whom there is room now, and who have to be told.
    fn serve(&mut self, limit: Need) -> Vec<Waker> {
        let (mut sum, mut woken) = (self.used, Vec::new());
        for waiting in self.line.values_mut().filter(|waiting| waiting.claims) {
            sum = sum.plus(waiting.need);
            if !sum.fits_in(limit) {
                break;
            }
            if waiting.blocked {
                woken.extend(waiting.waker.take());
            }
        }
        woken
    }

    /// Moves one who waits to the state it is in now; true if that makes room for those behind.
    fn stand(&mut self, number: u64, now: Waiting) -> bool {
        let (need, claims) = (now.need, now.claims);
        let claimed = self.line.insert(number, now).is_some_and(|before| before.claims);
        match (claimed, claims) {
            (false, true) => self.claimed = self.claimed.plus(need),
            (true, false) => self.claimed = self.claimed.minus(need),
            _ => {}
        }
        claimed && !claims
    }

    /// Takes one who waits out of the line; true if that makes room for those behind.
    fn leave(&mut self, number: u64) -> bool {
        let Some(waiting) = self.line.remove(&number) else { return false };
        if waiting.claims {
            self.claimed = self.claimed.minus(waiting.need);
        }
        waiting.claims
    }
}

/// One who waits for room in one or several queues.
struct InLine<'a> {
    merged: &'a Merged<'a>,
    number: Option<u64>,
    /// In which order it claims room, by position.
    order: Vec<usize>,
    /// Where in that order it found no room.
    blocked: usize,
}

/// What came of looking at the queues.
enum Advance {
    /// Room is taken in all of them.
    Taken,
    Never(Blocked),
    Waits {
        /// Whether it claims room that it would have, while it waits for other room.
        in_the_way: bool,
    },
}

impl<'a> InLine<'a> {
    fn new(merged: &'a Merged<'a>) -> Self {
        Self { merged, number: None, order: (0..merged.entries.len()).collect(), blocked: 0 }
    }

    /// Takes all the room if there is all of it, and waits in line otherwise.
    fn advance(&mut self, cx: &Context<'_>) -> Advance {
        let merged = self.merged;
        let mut states = merged.lock();
        if let Some(never) = merged.never(&states) {
            return Advance::Never(never);
        }
        let fits = |position: usize, states: &[MutexGuard<'_, State>]| {
            let Claim { room, need } = merged.entries[position];
            let state = &states[position];
            let before = self.number.map_or_else(|| state.used.plus(state.claimed), |number| state.before(number));
            before.plus(need).fits_in(room.shared.limit)
        };
        let Some(mut blocked) = self.order.iter().position(|&position| !fits(position, &states)) else {
            for (state, entry) in states.iter_mut().zip(&merged.entries) {
                state.used = state.used.plus(entry.need);
                if let Some(number) = self.number {
                    // Nobody has to be told: what was claimed is taken now.
                    state.leave(number);
                }
            }
            self.number = None;
            return Advance::Taken;
        };
        let number = self.number.unwrap_or_else(|| {
            let number = states.iter().map(|state| state.next_number).max().unwrap_or_default();
            states.iter_mut().for_each(|state| state.next_number = number + 1);
            number
        });
        if self.number.replace(number).is_none() {
            self.order.swap(0, blocked);
            blocked = 0;
        }
        self.blocked = blocked;
        let mut woken = Vec::new();
        for (place, &position) in self.order.iter().enumerate() {
            let Claim { room, need } = merged.entries[position];
            let (claims, blocked) = (place <= blocked, place == blocked);
            let now = Waiting { need, claims, blocked, waker: Some(cx.waker().clone()) };
            if states[position].stand(number, now) {
                woken.extend(states[position].serve(room.shared.limit));
            }
        }
        drop(states);
        woken.into_iter().for_each(Waker::wake);
        Advance::Waits { in_the_way: blocked > 0 }
    }

    /// Claims room first where there was none, so that it is in nobody's way elsewhere.
    fn begin_where_blocked(&mut self) {
        self.order[..=self.blocked].rotate_right(1);
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        for Claim { room, .. } in &self.merged.entries {
            let mut state = room.lock();
            let woken = if state.leave(number) { state.serve(room.shared.limit) } else { Vec::new() };
            drop(state);
            woken.into_iter().for_each(Waker::wake);
        }
    }
}

/// Room that is taken; dropping it gives the room back.
#[must_use = "dropping the reservation gives the room back"]
pub(crate) struct Reserved {
    room: Room,
    need: Need,
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
    let mut states = merged.lock();
    let blocked = merged.entries.iter().zip(&states).enumerate().filter_map(|(position, (entry, state))| {
        let reason = state.check(entry.need, entry.room.shared.limit).err()?;
        Some(Blocked { position, reason })
    });
    if let Some(blocked) = blocked.min_by_key(|blocked| merged.severity(blocked)) {
        return Err(merged.refused(&blocked));
    }
    for (state, entry) in states.iter_mut().zip(&merged.entries) {
        state.used = state.used.plus(entry.need);
    }
    drop(states);
    Ok(merged.hand_out())
}

/// Waits until there is room in every queue, and takes all of it at one moment.
///
/// `patience` gets the number of the round and must double with it, or more; see the module for why
/// everybody gets through.
///
/// # Errors
///
/// A queue is closed, or will never have as much room.
///
/// # Cancellation
///
/// Dropping the future gives the places in the lines back; nothing else was taken.
pub(crate) async fn reserve_all<P: Future<Output = ()>>(
    claims: &[Claim<'_>],
    patience: impl Fn(u32) -> P,
) -> Result<Vec<Reserved>, Refused> {
    let merged = Merged::of(claims);
    let mut line = InLine::new(&merged);
    let mut round = 0_u32;
    let mut pause = pin!(None::<P>);
    poll_fn(|cx| {
        loop {
            match line.advance(cx) {
                Advance::Taken => return Poll::Ready(Ok(())),
                Advance::Never(never) => return Poll::Ready(Err(merged.refused(&never))),
                Advance::Waits { in_the_way: false } => {
                    pause.set(None);
                    return Poll::Pending;
                }
                Advance::Waits { in_the_way: true } => {
                    if pause.is_none() {
                        pause.set(Some(patience(round)));
                    }
                    if let Some(pause) = pause.as_mut().as_pin_mut() {
                        ready!(pause.poll(cx));
                    }
                    pause.set(None);
                    round = round.saturating_add(1);
                    line.begin_where_blocked();
                }
            }
        }
    })
    .await?;
    drop(line);
    Ok(merged.hand_out())
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

    /// Locks every room, in the order of their addresses.
    fn lock(&self) -> Vec<MutexGuard<'_, State>> {
        self.entries.iter().map(|entry| entry.room.lock()).collect()
    }

    /// The first claim that can never be met.
    fn never(&self, states: &[MutexGuard<'_, State>]) -> Option<Blocked> {
        let never = self.entries.iter().zip(states).enumerate().filter_map(|(position, (entry, state))| {
            let reason = state.never(entry.need, entry.room.shared.limit)?;
            Some(Blocked { position, reason })
        });
        never.min_by_key(|blocked| self.severity(blocked))
    }

    /// What can never be goes before what can't be now, and then the order in which it was claimed.
    fn severity(&self, blocked: &Blocked) -> (bool, usize) {
        (blocked.reason == RefusalReason::Full, self.first[blocked.position])
    }

    fn refused(&self, blocked: &Blocked) -> Refused {
        Refused { index: self.first[blocked.position], reason: blocked.reason }
    }

    /// One reservation per claim, of room that was taken.
    fn hand_out(&self) -> Vec<Reserved> {
        self.claims.iter().map(|&(entry, need)| self.entries[entry].room.taken(need)).collect()
    }
}
