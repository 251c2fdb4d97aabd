//! What `#[on_event]` wrote down about one listener.

use std::{fmt, time::Duration};

use super::{call::Bind, pattern::NamePattern};
use crate::event::{EventDescriptor, SourceLocation};

/// One listener as the registry knows it.
#[derive(Debug)]
pub struct ListenerDescriptor {
    /// Identity given as `id = "…"`.
    pub explicit_id: Option<&'static str>,
    /// Path of the function; the identity where none is given.
    pub function: fn() -> &'static str,
    /// Name of the crate that declares it.
    pub crate_name: &'static str,
    /// Where the function is declared.
    pub location: SourceLocation,
    /// Its doc comment.
    pub doc: &'static str,
    /// The event, or the pattern of names, it listens to.
    pub listens_to: ListensTo,
    /// Whether it holds the gate.
    pub role: Role,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How often, and how far apart, a failure is tried again.
    pub retry: Option<RetryRule>,
    /// How many invocations may run at once, over all emits.
    pub concurrency: Option<u32>,
    /// Paths of the listeners of the same event that go first.
    pub after: &'static [fn() -> &'static str],
    /// The predicate that selects events, as written.
    pub when: Option<&'static str>,
    /// Every argument behind the event.
    pub arguments: &'static [ArgumentDescriptor],
    /// Whether the lint checks it more strictly than others.
    pub strict: bool,
    /// Everything the lint was told to let pass.
    pub opt_outs: &'static [OptOutDescriptor],
    /// Not public API. Used by generated code.
    #[doc(hidden)]
    pub bind: Bind,
}

impl ListenerDescriptor {
    /// Stable identity: `id = "…"`, or the path of the function.
    pub fn id(&self) -> &'static str {
        self.explicit_id.unwrap_or_else(self.function)
    }
}

/// What a listener listens to.
#[derive(Clone, Copy)]
pub enum ListensTo {
    /// Events of one type.
    Event(fn() -> &'static EventDescriptor),
    /// Every event whose name matches.
    Pattern(&'static str),
}

impl ListensTo {
    /// Whether events of this description reach the listener.
    pub fn matches(&self, event: &EventDescriptor) -> bool {
        match self {
            Self::Event(descriptor) => (descriptor().type_id)() == (event.type_id)(),
            Self::Pattern(pattern) => NamePattern::parse(pattern).is_ok_and(|pattern| pattern.matches(event.name)),
        }
    }
}

impl fmt::Display for ListensTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(descriptor) => f.write_str(&descriptor().wire_type()),
            Self::Pattern(pattern) => f.write_str(pattern),
        }
    }
}

impl fmt::Debug for ListensTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether a participant holds the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Role {
    /// The gate waits for it, and its failure keeps the gate shut.
    Gate,
    /// Started and tracked, never waited for by a gate.
    Observer,
    /// An adapter on the event's route: the gate waits for its acknowledgement.
    Adapter,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Observer => "observer",
            Self::Adapter => "adapter",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `retry(attempts = N, backoff = "…")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryRule {
    /// Attempts in all, the first one included.
    pub attempts: u32,
    /// Pause between them.
    pub backoff: Backoff,
}

/// Pause between attempts, with full jitter: a random share of the time that doubles from `first` up to `longest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Upper bound of the first pause.
    pub first: Duration,
    /// Upper bound of every pause.
    pub longest: Duration,
}

/// One argument of a listener, the event aside.
#[derive(Debug)]
pub struct ArgumentDescriptor {
    /// Its name.
    pub name: &'static str,
    /// Its type as written, without the reference.
    pub type_text: &'static str,
    /// Its type as the compiler names it.
    pub type_name: fn() -> &'static str,
}

/// One thing the lint was told to let pass.
#[derive(Debug)]
pub struct OptOutDescriptor {
    /// Which way out was taken.
    pub kind: OptOutKind,
    /// The rule, macro or function it names; empty for detached work.
    pub subject: &'static str,
    /// Why.
    pub reason: Option<&'static str>,
    /// Line in the source.
    pub line: u32,
}

/// A way out of the lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum OptOutKind {
    /// `ctx.detach("reason", future)`.
    Detach,
    /// `allow(rule, reason = "…")`.
    Allow,
    /// `awaits(a_macro)`.
    Awaits,
    /// `consumes(a_fn)`.
    Consumes,
}
