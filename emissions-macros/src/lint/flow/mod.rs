//! The one walker: follows every path of a function and every local on it.
//!
//! It returns probes for whatever is dropped on the way and for each local that a path leaves
//! pending. Whether any of it is work at all is for the types to say.

mod call;
mod capture;
mod cases;
mod conditions;
mod control;
mod discard;
mod exits;
mod expr;
mod finish;
mod loops;
mod macros;
mod open_type;
mod parts;
mod pattern;
mod state;

use std::collections::{HashMap, HashSet};

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Ident, Signature};

use self::state::{LocalId, State};
use super::{
    opened::{Macros, span_tokens},
    options::Options,
    report::{Anchor, Feed, Finding, Node, Probe, Report, Slot, SlotId, Verdict, Via},
    rules::Rule,
};

/// What a local is when it is bound.
#[derive(Clone, Default)]
struct Init {
    /// How many pieces of work it may hold.
    pending: u8,
    /// Whether it may be anything but plain data.
    tracked: bool,
    /// Whether it is a pin that owns what it points at.
    pinned: bool,
    /// Whether its type depends on later use.
    polymorphic: bool,
    /// Whether the same holds of what it gives back when it is awaited.
    open_output: bool,
    /// Locals that it borrows, of which a use of it is a use.
    aliases: Vec<LocalId>,
    /// Whether it borrows them for reading.
    shared: bool,
    /// Locals that a closure of that name has taken over.
    carries: Vec<LocalId>,
    /// Whether it comes out of a race, so that what is lazy in it has lost.
    raced: bool,
    /// Whether it is an end of a channel.
    signal: bool,
    /// Whether it is a function that spawns.
    spawns: bool,
    /// The place whose `spawn` has made it.
    spawner: Option<TokenStream>,
    /// Names of the fields of the literal that has made it, or the constructor and its arity.
    fields: Vec<syn::Member>,
    constructor: Option<(syn::Path, usize)>,
    /// What a pattern has left of another local.
    left: Option<Left>,
}

impl Init {
    fn work() -> Self {
        Self { pending: state::MANY, tracked: true, ..Self::default() }
    }

    fn plain() -> Self {
        Self::default()
    }
}

/// What happened to a local while it was pending.
#[derive(Clone, Debug)]
enum Event {
    /// Its scope ended.
    Ended,
    /// A `return`, `break` or `continue` left its scope.
    Left(Span, Span),
    /// It was assigned, shadowed, cleared.
    Replaced(Span, Span),
    /// A loop stopped reading it.
    Cut(Span, Span),
    /// A `?` may have left its scope.
    Question(Span, Span),
    /// It was given to a macro nobody knows.
    Opaque(Span, Span),
    /// It was dropped by name.
    Dropped(Span, Span),
    /// `let _ = name;` stands where somebody may have meant to wait.
    Waved(Span, Span),
    /// It was raced by value.
    Raced(Span, Span),
}

/// The parts that stay behind where a pattern takes others out of a local.
#[derive(Clone)]
struct Left {
    parts: Parts,
    span: (Span, Span),
}

#[derive(Clone)]
enum Parts {
    /// Wildcards of the pattern, bound to names.
    Named(TokenStream, Vec<Ident>),
    /// What a tuple has between its first and its last parts.
    Between(usize, usize),
    /// Fields that the pattern does not mention.
    Fields(Vec<syn::Member>),
}

/// An event, and what the path that it happened on knew of the local.
#[derive(Clone, Debug)]
struct Seen {
    event: Event,
    lost: bool,
    read: bool,
    maybe: bool,
}

struct Local {
    ident: Ident,
    anchor: Anchor,
    init: Init,
    events: Vec<Seen>,
    /// Whether any path awaits it or hands it over.
    consumed: bool,
    /// Whether it is awaited after a choice of which some branches await it already: the two may go
    /// together, and nobody can tell.
    resumed: bool,
    /// Whether anybody has been given a shared borrow of it.
    lent: bool,
    /// What is left of it where patterns take parts out.
    remains: Vec<LocalId>,
    aborted: bool,
    in_tail: bool,
    /// Index of the body it belongs to.
    body: usize,
}

struct Loop {
    label: Option<String>,
    /// Number of scopes outside of it.
    scopes: usize,
    /// States of its `break`s.
    breaks: Option<State>,
    continues: Option<State>,
    /// Locals read piece by piece in it.
    read: HashSet<LocalId>,
    filled: HashSet<LocalId>,
    /// Locals lent to something awaited in it.
    lent: HashSet<LocalId>,
    /// Slot of the items that a `for` takes by value.
    items: Option<SlotId>,
    kind: LoopKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LoopKind {
    Endless,
    Conditional,
    Block,
}

/// A function, closure or async block: `return` leaves it, `break` does not.
struct Body {
    /// Number of scopes outside of it.
    scopes: usize,
    loops: Vec<Loop>,
    /// States in which it is left.
    exits: Option<State>,
    /// Locals of outer bodies that it mentions, and those it takes by value.
    mentioned: HashSet<LocalId>,
    moved: HashSet<LocalId>,
    /// Where it is left with something pending: by `return`, or at its end.
    pending_exits: Vec<(LocalId, Option<(Span, Span)>)>,
}

pub(super) struct Walker<'a> {
    macros: &'a Macros,
    options: &'a Options,
    state: Option<State>,
    locals: Vec<Local>,
    known: HashMap<Node, LocalId>,
    scopes: Vec<Vec<(String, LocalId)>>,
    bodies: Vec<Body>,
    /// Names that `use` declarations of the body give to functions.
    renamed: HashMap<String, String>,
    /// Functions that the body declares, and which of their parameters are judged where they are declared.
    functions: HashMap<String, Vec<bool>>,
    probed: HashSet<(Node, u8)>,
    report: Report,
    in_tail: bool,
    anchor: Option<Anchor>,
    /// Groups that the expression at hand reads a piece of.
    recent: Vec<LocalId>,
    /// What the expression at hand polls once.
    polled: Vec<LocalId>,
    item_slots: HashMap<Node, SlotId>,
    cut: HashSet<SlotId>,
    /// Choices of which a branch has been asked.
    asked: HashSet<Node>,
    /// What stands right before the `.await` at hand.
    direct: Option<Node>,
}

impl<'a> Walker<'a> {
    pub(super) fn check(
        signature: &Signature,
        block: &syn::Block,
        macros: &'a Macros,
        options: &'a Options,
        report: Report,
    ) -> Report {
        let mut walker = Self {
            macros,
            options,
            state: Some(State::default()),
            locals: Vec::new(),
            known: HashMap::new(),
            scopes: vec![Vec::new()],
            bodies: Vec::new(),
            renamed: HashMap::new(),
            functions: HashMap::new(),
            probed: HashSet::new(),
            report,
            in_tail: false,
            anchor: None,
            recent: Vec::new(),
            polled: Vec::new(),
            item_slots: HashMap::new(),
            cut: HashSet::new(),
            asked: HashSet::new(),
            direct: None,
        };
        walker.function(signature, block);
        walker.finish();
        walker.report
    }

    fn function(&mut self, signature: &Signature, block: &syn::Block) {
        self.open_body();
        self.scopes.push(Vec::new());
        self.anchor = Some(Anchor::InBlock(Node::of(block)));
        for input in &signature.inputs {
            if let syn::FnArg::Typed(typed) = input
                && !matches!(&*typed.ty, syn::Type::Reference(_))
            {
                self.bind(&typed.pat, &Init::work());
            }
        }
        self.block(block, Tail::Function);
        self.close_scope();
        self.close_body();
    }

    fn open_body(&mut self) {
        self.bodies.push(Body {
            scopes: self.scopes.len(),
            loops: Vec::new(),
            exits: None,
            mentioned: HashSet::new(),
            moved: HashSet::new(),
            pending_exits: Vec::new(),
        });
    }

    fn close_body(&mut self) -> Option<Body> {
        self.bodies.pop()
    }

    fn body(&mut self) -> Option<&mut Body> {
        self.bodies.last_mut()
    }

    // Locals.

    fn resolve(&self, name: &str) -> Option<LocalId> {
        self.scopes
            .iter()
            .rev()
            .find_map(|scope| scope.iter().rev().find(|(known, _)| known == name).map(|(_, local)| *local))
    }

    fn local_of(&self, expr: &syn::Expr) -> Option<LocalId> {
        super::syntax::local_name(expr).and_then(|name| self.resolve(&name.to_string()))
    }

    fn declare(&mut self, ident: &Ident, node: Node, init: &Init) -> LocalId {
        let body = self.bodies.len();
        let anchor = self.anchor.unwrap_or(Anchor::InBlock(node));
        let local = if let Some(local) = self.known.get(&node) {
            *local
        } else {
            let local = self.locals.len();
            self.known.insert(node, local);
            self.locals.push(Local {
                ident: ident.clone(),
                anchor,
                init: init.clone(),
                events: Vec::new(),
                consumed: false,
                resumed: false,
                lent: false,
                remains: Vec::new(),
                aborted: false,
                in_tail: false,
                body,
            });
            local
        };
        let shadowed = self
            .scopes
            .last()
            .and_then(|scope| scope.iter().rev().find(|(known, _)| *ident == known).map(|(_, local)| *local));
        if let Some(shadowed) = shadowed.filter(|shadowed| *shadowed != local) {
            self.replaced(shadowed, (ident.span(), ident.span()));
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.push((ident.to_string(), local));
        }
        if let Some(state) = &mut self.state {
            state.set(local, if init.tracked { init.pending } else { 0 });
        }
        local
    }

    fn pending(&self, local: LocalId) -> u8 {
        self.state.as_ref().map_or(0, |state| state.pending(local))
    }

    fn mention(&mut self, local: LocalId) {
        if self.in_tail {
            self.locals[local].in_tail = true;
        }
        let owner = self.locals[local].body;
        for body in self.bodies.iter_mut().skip(owner) {
            body.mentioned.insert(local);
        }
    }

    /// The local is awaited, or somebody takes it over; `by_value` if it moves.
    fn consume(&mut self, local: LocalId, by_value: bool) {
        self.mention(local);
        self.locals[local].consumed = true;
        self.locals[local].resumed |= self.state.as_ref().is_some_and(|state| state.maybe(local));
        if let Some(state) = &mut self.state {
            state.set(local, 0);
        }
        if by_value {
            self.taken(local);
        } else if let Some(body) = self.bodies.last_mut() {
            for around in &mut body.loops {
                around.lent.insert(local);
            }
        }
        let Local { init, remains, .. } = &self.locals[local];
        let others = [&init.aliases[..], &init.carries, remains].concat();
        for other in others {
            if other != local && (self.pending(other) > 0 || !self.locals[other].consumed) {
                self.consume(other, false);
            }
        }
    }

    /// Somebody has a shared borrow of the local: its type says whether it can be driven with that.
    fn lend(&mut self, local: LocalId) {
        self.mention(local);
        if !std::mem::replace(&mut self.locals[local].lent, true) {
            let aliases = self.locals[local].init.aliases.clone();
            aliases.into_iter().for_each(|alias| self.lend(alias));
        }
    }

    /// A pattern takes parts out of the local and leaves others, which are pending from here on.
    fn leave_behind(&mut self, owner: LocalId, node: Node, left: Left) {
        let remains = if let Some(remains) = self.known.get(&node) {
            *remains
        } else {
            let Local { ident, anchor, body, init, .. } = &self.locals[owner];
            let local = Local {
                ident: ident.clone(),
                anchor: *anchor,
                init: Init { left: Some(left), raced: init.raced, ..Init::work() },
                events: Vec::new(),
                consumed: false,
                resumed: false,
                lent: false,
                remains: Vec::new(),
                aborted: false,
                in_tail: false,
                body: *body,
            };
            self.locals.push(local);
            self.known.insert(node, self.locals.len() - 1);
            self.locals.len() - 1
        };
        // Where the owner is dropped.
        let scope = self.scopes.iter_mut().rev().find(|scope| scope.iter().any(|(_, local)| *local == owner));
        if let Some(scope) = scope {
            scope.push((String::new(), remains));
            self.locals[owner].remains.push(remains);
            if let Some(state) = &mut self.state {
                state.set(remains, state::MANY);
            }
        }
    }

    /// The local moves into the bodies that stand between it and here.
    fn taken(&mut self, local: LocalId) {
        let owner = self.locals[local].body;
        for body in self.bodies.iter_mut().skip(owner) {
            body.moved.insert(local);
        }
    }

    fn event(&mut self, local: LocalId, event: Event) {
        let seen = match &self.state {
            Some(state) => {
                let (lost, read, maybe) = (state.lost(local), state.was_read(local), state.maybe(local));
                Seen { event, lost, read, maybe }
            }
            None => Seen { event, lost: false, read: false, maybe: false },
        };
        self.locals[local].events.push(seen);
    }

    fn replaced(&mut self, local: LocalId, (from, to): (Span, Span)) {
        if self.pending(local) > 0 {
            self.event(local, Event::Replaced(from, to));
            if let Some(state) = &mut self.state {
                state.set(local, 0);
            }
        }
    }

    // Scopes.

    fn open_scope(&mut self) {
        self.scopes.push(Vec::new());
    }

    fn close_scope(&mut self) {
        self.end_scope();
        self.scopes.pop();
    }

    /// What the innermost scope has declared is dropped on this path.
    fn end_scope(&mut self) {
        for (_, local) in self.scopes.last().cloned().unwrap_or_default() {
            if self.pending(local) > 0 {
                self.event(local, Event::Ended);
                if let Some(state) = &mut self.state {
                    state.set(local, 0);
                }
            }
        }
    }

    /// Everything declared since there were `scopes` scopes is left behind by an exit at `span`.
    fn leave(&mut self, scopes: usize, span: (Span, Span)) {
        let left: Vec<LocalId> = self.scopes.iter().skip(scopes).flatten().map(|(_, local)| *local).collect();
        for local in left {
            if self.pending(local) > 0 {
                self.event(local, Event::Left(span.0, span.1));
            }
        }
    }

    // Probes.

    fn slot(&mut self, anchor: Anchor, feed: Feed) -> SlotId {
        self.report.slots.push(Slot { anchor, feed });
        self.report.slots.len() - 1
    }

    fn probe(&mut self, slot: SlotId, via: Via, verdicts: &[&'static Verdict], span: (Span, Span)) {
        let verdicts: Vec<_> = verdicts.iter().copied().filter(|verdict| !self.options.allows(verdict.rule)).collect();
        if !verdicts.is_empty() {
            self.report.probes.push(Probe { slot, via, verdicts, span });
        }
    }

    fn finding(&mut self, rule: &'static Rule, at: impl ToTokens, message: &str) {
        let at = at.to_token_stream();
        let text = at.to_string();
        let seen = self.report.findings.iter().any(|finding| {
            finding.rule.name == rule.name && finding.at.to_string() == text && finding.message == message
        });
        if !self.options.allows(rule) && !seen {
            self.report.findings.push(Finding { rule, at, message: message.to_owned() });
        }
    }

    /// Whether the node is met for the first time in this role; loops are walked more than once.
    fn first(&mut self, node: Node, role: u8) -> bool {
        self.probed.insert((node, role))
    }

    fn span(&self, expr: &syn::Expr) -> (Span, Span) {
        ends(&span_tokens(self.macros, expr))
    }
}

/// First and last token.
pub(super) fn ends(tokens: &TokenStream) -> (Span, Span) {
    let mut spans = tokens.clone().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// What becomes of the value of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// It is the value of a function, closure or async block.
    Function,
    /// Somebody uses it.
    Used { awaited: bool },
    /// It is dropped.
    Dropped(Dropped),
}

/// How a value is dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Dropped {
    /// Whether it stands alone as a statement.
    statement: bool,
    /// The `if` or `match` it comes from: its branches have one type, and the first speaks for all.
    choice: Option<Node>,
}
