//! Macros whose input the lint understands: opened before the analysis, closed after the writing.
//!
//! An opened macro stands in the tree as a call of a name nobody else uses, whose arguments are the
//! expressions of its input; what is not an expression is kept beside. One that nothing was written
//! into is closed with the tokens it had.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Expr, Macro, Pat, Stmt, Token,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    visit_mut::{self, VisitMut},
};

use super::{names, names::one_of, syntax::last_segment};

const MARK: &str = "__emissions_opened_";

/// What the input of an opened macro means.
pub(super) enum Form {
    /// Every argument is awaited.
    Join,
    /// Futures raced, each with a handler.
    Select(Vec<Branch>),
    /// The argument is pinned where it is.
    Pin,
    /// `pin! { let name = expr; }`.
    PinLet(Pat),
    /// The argument is polled once.
    Poll,
    /// Arguments are looked at and printed.
    Look,
    /// The argument is printed and handed on.
    Through,
    /// A list that owns its elements.
    List,
    /// `[element; count]`.
    Repeat,
    /// An expression against a pattern.
    Matches(Pat, TokenStream),
}

/// A branch of `select!`; its expressions stand among the arguments of the marker in this order.
pub(super) struct Branch {
    /// Nothing for `else`, `complete` and `default`.
    pub(super) pattern: Option<Pat>,
    keyword: Option<syn::Ident>,
    pub(super) guarded: bool,
}

impl Branch {
    /// Whether a branch without a future waits for the others: all but `default` do.
    pub(super) fn waits(&self) -> bool {
        self.keyword.as_ref().is_some_and(|keyword| keyword != "default")
    }
}

pub(super) struct Opened {
    pub(super) form: Form,
    mac: Macro,
    biased: bool,
    /// Whether what was written into it must be printed.
    touched: bool,
    /// Whether the macro is a statement of its own.
    statement: bool,
}

impl Opened {
    /// Whether the macro is a statement of its own.
    pub(super) fn is_statement(&self) -> bool {
        self.statement
    }

    pub(super) fn tokens(&self) -> TokenStream {
        self.mac.tokens.clone()
    }

    pub(super) fn name(&self) -> String {
        last_segment(&self.mac.path)
    }
}

/// All opened macros of a body.
#[derive(Default)]
pub(super) struct Macros(Vec<Opened>);

impl Macros {
    /// Opens what can be opened below `block`.
    pub(super) fn open(block: &mut syn::Block) -> Self {
        let mut macros = Self::default();
        macros.visit_block_mut(block);
        macros
    }

    /// The opened macro an expression stands for, and its arguments.
    pub(super) fn get<'e>(&self, expr: &'e Expr) -> Option<(&Opened, &'e Punctuated<Expr, Token![,]>)> {
        let Expr::Call(call) = expr else { return None };
        self.0.get(index(&call.func)?).map(|opened| (opened, &call.args))
    }

    /// Says that something was written into the macro that `expr` stands for.
    pub(super) fn touch(&mut self, expr: &Expr) {
        if let Expr::Call(call) = expr
            && let Some(opened) = index(&call.func).and_then(|index| self.0.get_mut(index))
        {
            opened.touched = true;
        }
    }

    /// Puts the macro back that `expr` stands for.
    pub(super) fn close(&self, expr: &mut Expr) {
        let Expr::Call(call) = &*expr else { return };
        let Some(opened) = index(&call.func).and_then(|index| self.0.get(index)) else { return };
        let mut mac = opened.mac.clone();
        if opened.touched {
            mac.tokens = opened.print(&call.args);
        }
        let attrs = call.attrs.clone();
        *expr = Expr::Macro(syn::ExprMacro { attrs, mac });
    }

    /// Puts every macro back that an expression holds.
    pub(super) fn close_all(&self, expr: &mut Expr) {
        Closing(self).visit_expr_mut(expr);
    }

    fn try_open(&mut self, mac: &Macro, statement: bool) -> Option<Expr> {
        let (form, args, biased) = parse(mac)?;
        let index = self.0.len();
        self.0.push(Opened { form, mac: mac.clone(), biased, touched: false, statement });
        let name = syn::Ident::new(&format!("{MARK}{index}"), mac.path.segments.last()?.ident.span());
        let args: Punctuated<Expr, Token![,]> = args.into_iter().collect();
        Some(Expr::Call(syn::ExprCall {
            attrs: Vec::new(),
            func: Box::new(Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path: name.into() })),
            paren_token: syn::token::Paren::default(),
            args,
        }))
    }
}

struct Closing<'m>(&'m Macros);

impl VisitMut for Closing<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        self.0.close(expr);
        visit_mut::visit_expr_mut(self, expr);
    }
}

fn index(func: &Expr) -> Option<usize> {
    let Expr::Path(path) = func else { return None };
    path.path.get_ident()?.to_string().strip_prefix(MARK)?.parse().ok()
}

/// First and last token of the macro call an expression stands for, for messages.
pub(super) fn span_tokens(macros: &Macros, expr: &Expr) -> TokenStream {
    match macros.get(expr) {
        Some((opened, _)) => opened.mac.to_token_stream(),
        None => expr.to_token_stream(),
    }
}

impl VisitMut for Macros {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(mac) = expr
            && let Some(mut opened) = self.try_open(&mac.mac, false)
        {
            if let Expr::Call(call) = &mut opened {
                call.attrs.clone_from(&mac.attrs);
            }
            *expr = opened;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt
            && let Some(mut opened) = self.try_open(&mac.mac, true)
        {
            if let Expr::Call(call) = &mut opened {
                call.attrs.clone_from(&mac.attrs);
            }
            *stmt = Stmt::Expr(opened, mac.semi_token);
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }
}

fn parse(mac: &Macro) -> Option<(Form, Vec<Expr>, bool)> {
    let name = last_segment(&mac.path);
    let list = |tokens: TokenStream| {
        Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens).ok().map(|list| list.into_iter().collect())
    };
    let tokens = mac.tokens.clone();
    match name.as_str() {
        name if one_of(names::JOIN_MACROS, name) => {
            let (biased, tokens) = without_biased(tokens);
            Some((Form::Join, list(tokens)?, biased))
        }
        "select" | "select_biased" => {
            let (biased, tokens) = without_biased(tokens);
            let (branches, args) = Parser::parse2(parse_select, tokens).ok()?;
            Some((Form::Select(branches), args, biased))
        }
        name if one_of(names::PIN_MACROS, name) => {
            if let Ok((pattern, init)) = Parser::parse2(parse_pin_let, tokens.clone()) {
                return Some((Form::PinLet(pattern), vec![init], false));
            }
            Some((Form::Pin, list(tokens)?, false))
        }
        "poll" => Some((Form::Poll, list(tokens)?, false)),
        "dbg" => Some((Form::Through, list(tokens)?, false)),
        "vec" | "smallvec" | "vec_deque" => {
            if let Some(elements) = list(tokens.clone()) {
                return Some((Form::List, elements, false));
            }
            let (element, count) = Parser::parse2(parse_repeat, tokens).ok()?;
            Some((Form::Repeat, vec![element, count], false))
        }
        "matches" => {
            let (expr, pattern, rest) = Parser::parse2(parse_matches, tokens).ok()?;
            Some((Form::Matches(pattern, rest), vec![expr], false))
        }
        "write" | "writeln" => Some((Form::Look, list(tokens)?, false)),
        name if one_of(names::FORMAT_MACROS, name) => Some((Form::Look, list(tokens)?, false)),
        _ => None,
    }
}

fn without_biased(tokens: TokenStream) -> (bool, TokenStream) {
    let mut rest = tokens.clone().into_iter();
    if let (Some(TokenTree::Ident(word)), Some(TokenTree::Punct(mark))) = (rest.next(), rest.next())
        && word == "biased"
        && mark.as_char() == ';'
    {
        return (true, rest.collect());
    }
    (false, tokens)
}

fn parse_pin_let(input: ParseStream<'_>) -> syn::Result<(Pat, Expr)> {
    input.parse::<Token![let]>()?;
    let pattern = Pat::parse_single(input)?;
    input.parse::<Token![=]>()?;
    let init = input.parse()?;
    input.parse::<Token![;]>()?;
    Ok((pattern, init))
}

fn parse_repeat(input: ParseStream<'_>) -> syn::Result<(Expr, Expr)> {
    let element = input.parse()?;
    input.parse::<Token![;]>()?;
    Ok((element, input.parse()?))
}

fn parse_matches(input: ParseStream<'_>) -> syn::Result<(Expr, Pat, TokenStream)> {
    let expr = input.parse()?;
    input.parse::<Token![,]>()?;
    let pattern = Pat::parse_multi_with_leading_vert(input)?;
    Ok((expr, pattern, input.parse()?))
}

fn parse_select(input: ParseStream<'_>) -> syn::Result<(Vec<Branch>, Vec<Expr>)> {
    let (mut branches, mut args) = (Vec::new(), Vec::new());
    while !input.is_empty() {
        let mut branch = Branch { pattern: None, keyword: None, guarded: false };
        if input.peek(Token![else]) {
            let keyword: Token![else] = input.parse()?;
            branch.keyword = Some(syn::Ident::new("else", keyword.span));
        } else if (input.peek(syn::Ident) && input.peek2(Token![=>]))
            && (input.fork().parse::<syn::Ident>().is_ok_and(|word| word == "complete" || word == "default"))
        {
            branch.keyword = Some(input.parse()?);
        } else {
            branch.pattern = Some(Pat::parse_multi_with_leading_vert(input)?);
            input.parse::<Token![=]>()?;
            args.push(input.parse::<Expr>()?);
            if input.peek(Token![,]) && input.peek2(Token![if]) {
                input.parse::<Token![,]>()?;
                input.parse::<Token![if]>()?;
                args.push(input.parse::<Expr>()?);
                branch.guarded = true;
            }
        }
        if input.peek(Token![,]) && branch.keyword.is_none() {
            return Err(input.error("a guard of an unknown form"));
        }
        input.parse::<Token![=>]>()?;
        let handler = Expr::parse_with_earlier_boundary_rule(input)?;
        args.push(handler);
        if !input.is_empty() && input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
        branches.push(branch);
    }
    Ok((branches, args))
}

impl Opened {
    fn print(&self, args: &Punctuated<Expr, Token![,]>) -> TokenStream {
        let mut args = args.iter();
        let mut out = if self.biased { quote!(biased;) } else { TokenStream::new() };
        match &self.form {
            Form::Select(branches) => {
                for branch in branches {
                    if let Some(pattern) = &branch.pattern {
                        let future = args.next();
                        out.extend(quote!(#pattern = #future));
                        if branch.guarded {
                            let guard = args.next();
                            out.extend(quote!(, if #guard));
                        }
                    }
                    let (keyword, handler) = (&branch.keyword, args.next());
                    out.extend(quote!(#keyword => #handler,));
                }
            }
            Form::PinLet(pattern) => {
                let init = args.next();
                out.extend(quote!(let #pattern = #init;));
            }
            Form::Repeat => {
                let (element, count) = (args.next(), args.next());
                out.extend(quote!(#element; #count));
            }
            Form::Matches(pattern, rest) => {
                let expr = args.next();
                out.extend(quote!(#expr, #pattern #rest));
            }
            Form::Join | Form::Pin | Form::Poll | Form::Look | Form::Through | Form::List => {
                out.extend(quote!(#(#args),*));
            }
        }
        out
    }
}
