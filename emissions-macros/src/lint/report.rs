//! What the lint returns: findings that the tokens decide, and probes that a type must decide.
//!
//! Pure data. Nothing here knows the tokens that are emitted; `write.rs` does.

use proc_macro2::{Span, TokenStream};
use syn::Ident;

use super::rules::Rule;

/// A node of the syntax tree, known by its address; the tree stays where it is between the
/// analysis and the writing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Node(usize);

impl Node {
    pub(crate) fn of<T>(node: &T) -> Self {
        Self(std::ptr::from_ref(node).addr())
    }
}

/// Where the type of a value is learnt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Anchor {
    /// Around an expression, whose value passes through.
    Around(Node),
    /// Behind a `let`.
    AfterLet(Node),
    /// At the start of a block.
    InBlock(Node),
    /// Before an expression that a pattern binds for: the body of an arm or of a closure.
    Before(Node),
    /// Before a statement.
    BeforeStatement(Node),
}

/// What is learnt there.
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    /// The type of the value that passes.
    Value,
    /// The type of the items of the value that passes.
    Items,
    /// The type of a place that has a name: a local, a field of it.
    Place(TokenStream),
    /// The type behind a local that `pin!` has made.
    Pinned(Ident),
    /// The type of a closure's parameter that has no name yet.
    Parameter(Node),
    /// The type of what a wildcard in a closure's parameter throws away.
    Wildcard(Node),
    /// The type of the items of a local.
    ItemsOf(Ident),
    /// The type of the `field`th of `fields` parts of a local built by a tuple constructor.
    Part { local: Ident, constructor: syn::Path, field: usize, fields: usize },
}

/// A type that is learnt at one place and judged at another.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) anchor: Anchor,
    pub(crate) feed: Feed,
}

/// Index of a [`Slot`].
pub(crate) type SlotId = usize;

/// How the type in a slot is judged.
#[derive(Clone, Debug)]
pub(crate) enum Via {
    /// As it is.
    Whole,
    /// The parts that a pattern throws away, bound to numbered names.
    Parts { pattern: TokenStream, names: Vec<Ident> },
    /// The parts of a tuple that a pattern leaves out between those at its start and at its end.
    Rest { front: usize, back: usize },
    /// The futures that have lost, in the outcome of a race.
    Losers,
    /// As it is, unless what spawned it is a tracker.
    SpawnedBy(SlotId),
    /// As it is, unless somebody with a shared borrow can drive it.
    Lent,
    /// As it is, unless the result of the call carries it on.
    GivenTo(SlotId),
}

/// A question to a type; if the answer is no, the rule's message appears under `span`.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) slot: SlotId,
    pub(crate) via: Via,
    pub(crate) verdicts: Vec<&'static Verdict>,
    /// First and last token of what is underlined.
    pub(crate) span: (Span, Span),
}

/// One trait of the runtime crate, and the rule it speaks for.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) rule: &'static Rule,
    /// Name of the trait in `emissions::__private::lint`.
    pub(crate) name: &'static str,
}

/// Something the tokens alone decide.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static Rule,
    pub(crate) at: TokenStream,
    pub(crate) message: String,
}

/// Everything the lint has to say of one body.
#[derive(Default, Debug)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) probes: Vec<Probe>,
    /// Reason and call of each `detach`.
    pub(crate) detached: Vec<(String, Span)>,
}
