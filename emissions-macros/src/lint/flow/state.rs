//! What is pending on one path: a count for each local.

/// Index of a local of the function.
pub(super) type LocalId = usize;

/// More pieces than anybody counts.
pub(super) const MANY: u8 = 4;

/// What one path leaves pending, by local.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct State {
    locals: Vec<Pending>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Pending {
    count: u8,
    /// Whether it has lost a race, by which what is lazy is cancelled.
    lost: bool,
    /// Whether a piece of it has been read.
    read: bool,
    /// Whether it was awaited on some of the ways here.
    maybe: bool,
    /// Whether it is known to be a group or a slot that holds nothing any more.
    empty: bool,
}

impl State {
    fn get(&self, local: LocalId) -> Pending {
        self.locals.get(local).copied().unwrap_or_default()
    }

    fn get_mut(&mut self, local: LocalId) -> &mut Pending {
        if self.locals.len() <= local {
            self.locals.resize(local + 1, Pending::default());
        }
        &mut self.locals[local]
    }

    pub(super) fn pending(&self, local: LocalId) -> u8 {
        self.get(local).count
    }

    pub(super) fn lost(&self, local: LocalId) -> bool {
        self.get(local).lost
    }

    pub(super) fn was_read(&self, local: LocalId) -> bool {
        self.get(local).read
    }

    pub(super) fn maybe(&self, local: LocalId) -> bool {
        self.get(local).maybe
    }

    pub(super) fn set(&mut self, local: LocalId, count: u8) {
        *self.get_mut(local) = Pending { count: count.min(MANY), ..Pending::default() };
    }

    /// The local turned out to hold nothing.
    pub(super) fn empty(&mut self, local: LocalId) {
        *self.get_mut(local) = Pending { empty: true, ..Pending::default() };
    }

    /// The local was polled, and something else was faster.
    pub(super) fn lose(&mut self, local: LocalId) {
        let pending = self.get_mut(local);
        pending.lost = pending.count > 0;
    }

    /// One piece more.
    pub(super) fn fill(&mut self, local: LocalId) {
        self.set(local, self.pending(local).saturating_add(1));
    }

    /// One piece less, unless there are more than anybody counted.
    pub(super) fn read(&mut self, local: LocalId) {
        let pending = self.pending(local);
        if pending < MANY {
            self.set(local, pending.saturating_sub(1));
        }
        self.get_mut(local).read = true;
    }

    fn join(&mut self, other: &Self) {
        for local in 0..self.locals.len().max(other.locals.len()) {
            let (left, right) = (self.get(local), other.get(local));
            *self.get_mut(local) = match (left.count, right.count) {
                (0, 0) => Pending { empty: left.empty && right.empty, ..left },
                (_, 0) => left,
                (0, _) => right,
                (left_count, right_count) => Pending {
                    count: left_count.max(right_count),
                    lost: left.lost && right.lost,
                    read: left.read && right.read,
                    maybe: left.maybe && right.maybe,
                    empty: false,
                },
            };
        }
    }

    /// What was pending before its paths split, and was awaited on some of them, may be so or not.
    fn doubt(&mut self, before: &Self, paths: &[Option<Self>]) {
        for local in 0..self.locals.len() {
            let settled = |path: &Self| {
                let at_end = path.get(local);
                at_end.maybe || at_end.count == 0 && !at_end.empty
            };
            if before.pending(local) > 0 && self.pending(local) > 0 && paths.iter().flatten().any(settled) {
                self.get_mut(local).maybe = true;
            }
        }
    }
}

/// Both paths may have been taken; `None` is a path that cannot be.
pub(super) fn join(left: Option<State>, right: Option<State>) -> Option<State> {
    match (left, right) {
        (Some(mut left), Some(right)) => {
            left.join(&right);
            Some(left)
        }
        (left, right) => left.or(right),
    }
}

/// One of the paths was taken, after a state that they had in common.
pub(super) fn join_choice(before: Option<&State>, paths: &[Option<State>]) -> Option<State> {
    let mut joined = paths.iter().cloned().fold(None, join);
    if let (Some(before), Some(joined)) = (before, &mut joined) {
        joined.doubt(before, paths);
    }
    joined
}
