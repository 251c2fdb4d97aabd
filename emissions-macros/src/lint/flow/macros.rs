//! Macros: those that are known, `select!` among them, and those that nobody knows.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Macro, Stmt, StmtMacro, Token, parse::Parser, punctuated::Punctuated};

use super::{Event, Init, Walker, call::RACED, control::anchor_before, discard::DISCARDED, ends, state};
use crate::lint::{
    names::{self, one_of},
    opened::{Branch, Form},
    report::{Anchor, Feed, Node, Via},
    rules::{hidden_spawn, opaque_macro::OPAQUE_MACRO},
    syntax::{bare, is_plain, is_rvalue, last_segment, local_name},
};

impl Walker<'_> {
    /// Walks an opened macro; `false` if the expression is something else.
    pub(super) fn opened(&mut self, expr: &Expr, awaited: bool) -> bool {
        let macros = self.macros;
        let Some((opened, args)) = macros.get(expr) else { return false };
        match &opened.form {
            Form::Join => args.iter().for_each(|arg| self.value(arg, true)),
            Form::Select(branches) => self.select(branches, args),
            Form::Pin => {
                for arg in args {
                    match self.local_of(arg) {
                        // `pin!(name)` as a statement gives the name another type.
                        Some(local) if opened.is_statement() => self.mention(local),
                        None if opened.is_statement() => self.discard(arg, false),
                        _ => self.value(arg, awaited),
                    }
                }
            }
            Form::PinLet(pattern) => {
                let mut init = args.first().map(|arg| self.init_of(arg)).unwrap_or_default();
                init.tracked = false;
                args.iter().for_each(|arg| self.value(arg, false));
                self.anchor = None;
                self.bind(pattern, &init);
            }
            Form::Poll => {
                for arg in args {
                    match self.root(arg) {
                        Some((local, _)) if self.is_in_loop() => self.consume(local, false),
                        Some((local, _)) => self.mention(local),
                        None => self.discard(arg, false),
                    }
                }
            }
            Form::Look => {
                for arg in args {
                    self.printed(arg);
                }
                if one_of(names::DIVERGING_MACROS, &opened.name()) || opened.name() == "bail" {
                    self.state = None;
                }
            }
            Form::Through | Form::List => args.iter().for_each(|arg| self.value(arg, awaited)),
            Form::Repeat => args.iter().for_each(|arg| self.value(arg, false)),
            Form::Matches(..) => {
                for arg in args {
                    if is_rvalue(bare(arg)) {
                        self.discard(arg, false);
                    } else {
                        self.look(arg);
                    }
                }
            }
        }
        true
    }

    /// An argument of a formatting macro: looked at, then dropped if it was made here.
    fn printed(&mut self, arg: &Expr) {
        match bare(arg) {
            Expr::Assign(named) => self.printed(&named.right),
            inner if is_rvalue(inner) => {
                self.probe_receiver(inner, DISCARDED);
                self.value(inner, false);
            }
            inner => match self.local_of(inner) {
                Some(local) => self.mention(local),
                None => self.look(inner),
            },
        }
    }

    fn select(&mut self, branches: &[Branch], args: &Punctuated<Expr, Token![,]>) {
        // Futures first: what they take by value is gone in every branch, what they borrow counts for
        // the branch that wins.
        let mut lent: Vec<Vec<usize>> = Vec::new();
        let mut reads: Vec<Vec<usize>> = Vec::new();
        let mut handlers = Vec::new();
        let mut rest = args.iter();
        // A single branch that is never disabled has nothing to lose against.
        let alone = matches!(
            branches.iter().filter(|branch| branch.pattern.is_some()).collect::<Vec<_>>()[..],
            [only] if !only.guarded && branches.iter().all(|branch| branch.pattern.is_some() || branch.waits())
        );
        for branch in branches {
            let mut own = Vec::new();
            let around = std::mem::take(&mut self.recent);
            if branch.pattern.is_some()
                && let Some(future) = rest.next()
            {
                own = self.raced(future, alone);
            }
            if branch.guarded
                && let Some(guard) = rest.next()
            {
                self.value(guard, false);
            }
            reads.push(std::mem::replace(&mut self.recent, around));
            lent.push(own);
            handlers.push(rest.next());
        }
        let before = self.state.clone();
        let mut after = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            self.state.clone_from(&before);
            for (other, lent) in branches.iter().zip(&lent) {
                for local in lent.iter().copied() {
                    if branch.pattern.is_some() {
                        self.state.iter_mut().for_each(|state| state.lose(local));
                    } else if !other.guarded || self.is_in_loop() {
                        // It was ready, with a value that its pattern did not take, or an earlier round has
                        // awaited it, which its guard knows.
                        self.consume(local, false);
                    }
                }
            }
            for local in lent[index].clone() {
                self.consume(local, false);
            }
            if branch.pattern.is_none()
                && let Some(state) = &mut self.state
            {
                // Every other branch is disabled: the groups they read are empty.
                reads.iter().flatten().for_each(|local| state.empty(*local));
            }
            self.open_scope();
            if let Some(handler) = handlers[index] {
                self.anchor = Some(anchor_before(handler));
                if let Some(pattern) = &branch.pattern {
                    self.bind(pattern, &Init::work());
                }
                self.value(handler, false);
            }
            self.close_scope();
            after.push(self.state.take());
        }
        self.state = state::join_choice(before.as_ref(), &after);
    }

    /// The future of a `select!` branch; returns what it borrows.
    fn raced(&mut self, future: &Expr, alone: bool) -> Vec<usize> {
        let inner = bare(future);
        if let Some(local) = self.local_of(inner) {
            if !alone && self.pending(local) > 0 && self.locals[local].init.tracked {
                let (from, to) = self.span(inner);
                self.event(local, Event::Raced(from, to));
            }
            self.consume(local, true);
            return Vec::new();
        }
        if let Expr::Reference(reference) = inner
            && let Some((local, part)) = self.root(&reference.expr)
        {
            self.mention(local);
            return if part { Vec::new() } else { vec![local] };
        }
        if is_rvalue(inner) && !alone {
            self.probe_receiver(inner, RACED);
        }
        if let Expr::MethodCall(call) = inner
            && let Some((local, _)) = self.root(&call.receiver)
            && self.is_watched(local)
            && !one_of(names::READERS, &call.method.to_string())
        {
            call.args.iter().for_each(|arg| self.value(arg, true));
            self.mention(local);
            if self.moves_receiver(&call.method.to_string()) {
                self.consume(local, true);
                return Vec::new();
            }
            return vec![local];
        }
        if let Expr::Call(call) = inner
            && self.macros.get(inner).is_none()
        {
            let mut own = Vec::new();
            for arg in &call.args {
                match bare(arg) {
                    Expr::Reference(reference) if reference.mutability.is_some() => {
                        if let Some((local, _)) = self.root(&reference.expr) {
                            self.mention(local);
                            own.push(local);
                        } else {
                            self.value(arg, true);
                        }
                    }
                    _ => self.value(arg, true),
                }
            }
            return own;
        }
        self.value(inner, true);
        Vec::new()
    }

    /// A macro that nobody knows, as a statement.
    pub(super) fn macro_statement(&mut self, stmt: &Stmt, mac: &StmtMacro) {
        let name = last_segment(&mac.mac.path);
        if self.is_known(&name) || self.options.awaits(&name) || self.options.consumes(&name) {
            self.unknown_macro(&mac.mac);
            return;
        }
        let args = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.mac.tokens.clone()).unwrap_or_default();
        for arg in &args {
            if let Some(local) = local_name(arg).and_then(|name| self.resolve(&name.to_string())) {
                if self.pending(local) > 0 && self.locals[local].init.tracked {
                    let (from, to) = ends(&arg.to_token_stream());
                    self.event(local, Event::Opaque(from, to));
                    if let Some(state) = &mut self.state {
                        state.set(local, 0);
                    }
                }
            } else if is_rvalue(arg)
                && !is_plain(arg)
                && !matches!(bare(arg), Expr::Block(_) | Expr::If(_) | Expr::Match(_) | Expr::Loop(_) | Expr::Macro(_))
                && self.first(Node::of(stmt), 6)
            {
                let span = ends(&arg.to_token_stream());
                let slot = self.slot(Anchor::BeforeStatement(Node::of(stmt)), Feed::Place(arg.to_token_stream()));
                self.probe(slot, Via::Whole, &[&OPAQUE_MACRO], span);
            }
        }
        self.unknown_macro(&mac.mac);
    }

    fn is_known(&self, name: &str) -> bool {
        [names::FORMAT_MACROS, names::LOG_MACROS, names::HARMLESS_MACROS, names::JOIN_MACROS, names::PIN_MACROS]
            .iter()
            .any(|list| one_of(list, name))
            || matches!(name, "select" | "select_biased" | "write" | "writeln" | "poll" | "dbg" | "vec")
    }

    /// A macro whose input nobody can read: what it mentions may be used in any way.
    pub(super) fn unknown_macro(&mut self, mac: &Macro) {
        let name = last_segment(&mac.path);
        let looks = one_of(names::FORMAT_MACROS, &name)
            || one_of(names::LOG_MACROS, &name)
            || matches!(name.as_str(), "select" | "select_biased");
        if looks {
            self.spawn_in_tokens(&mac.tokens);
        }
        if looks && !name.starts_with("select") {
            self.look_at_tokens(&mac.tokens);
        } else {
            self.mention_tokens(&mac.tokens);
        }
        if one_of(names::DIVERGING_MACROS, &name) || name == "bail" {
            self.state = None;
        }
    }

    fn look_at_tokens(&mut self, tokens: &TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(ident) => {
                    if let Some(local) = self.resolve(&ident.to_string()) {
                        self.mention(local);
                    }
                }
                TokenTree::Group(group) => self.look_at_tokens(&group.stream()),
                _ => {}
            }
        }
    }

    /// Every local named in the tokens is taken to be used up.
    pub(super) fn mention_tokens(&mut self, tokens: &TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(ident) => {
                    if let Some(local) = self.resolve(&ident.to_string()) {
                        self.consume(local, false);
                    }
                }
                TokenTree::Group(group) => self.mention_tokens(&group.stream()),
                TokenTree::Literal(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    /// `spawn…(..)` without an await behind it, in tokens that cannot be read otherwise.
    fn spawn_in_tokens(&mut self, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            if let TokenTree::Group(group) = token {
                self.spawn_in_tokens(&group.stream());
            }
            let TokenTree::Ident(ident) = token else { continue };
            let called = matches!(tokens.get(index + 1), Some(TokenTree::Group(group)) if group.delimiter() == proc_macro2::Delimiter::Parenthesis);
            let by_path = index > 1 && matches!(&tokens[index - 1], TokenTree::Punct(mark) if mark.as_char() == ':');
            let awaited = matches!(tokens.get(index + 3), Some(TokenTree::Ident(word)) if word == "await");
            if called && by_path && !awaited && ident.to_string().starts_with("spawn") {
                self.finding(
                    &hidden_spawn::RULE,
                    ident,
                    "a task is started inside a macro, and nobody can join it\n\
                     start it before with `ctx.spawn(…)`, or keep its handle and await it",
                );
            }
        }
    }
}
