//! What is pending on one path: a count for each local.

/// Index of a local of the function.
pub(super) type LocalId = usize;

/// More pieces than anybody counts.
pub(super) const MANY: u8 = 4;

/// What one path leaves pending, by local.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct State {
    pending: Vec<u8>,
}

impl State {
    pub(super) fn pending(&self, local: LocalId) -> u8 {
        self.pending.get(local).copied().unwrap_or(0)
    }

    pub(super) fn set(&mut self, local: LocalId, pending: u8) {
        if self.pending.len() <= local {
            self.pending.resize(local + 1, 0);
        }
        self.pending[local] = pending.min(MANY);
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
    }

    fn join(&mut self, other: &Self) {
        for local in 0..self.pending.len().max(other.pending.len()) {
            self.set(local, self.pending(local).max(other.pending(local)));
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
