//! The keys of `#[event(..)]`, with their tokens.

use proc_macro2::TokenStream;
use syn::{Ident, LitStr};

use crate::{args::Args, crate_path::CratePath, diag::Diagnostics};

const KEYS: &[&str] =
    &["name", "version", "gate", "bulk", "on_empty", "owner", "deprecated", "delivery", "allow_tense", "crate"];

/// Who has to listen.
#[derive(Clone, Copy)]
pub(crate) enum Gate {
    AtLeast(u32),
    AllowNone,
}

/// What an empty bulk event means.
#[derive(Clone, Copy)]
pub(crate) enum OnEmpty {
    Open,
    Refuse,
}

/// What the event asks of the routes that carry it.
#[derive(Clone, Copy)]
pub(crate) enum Delivery {
    BestEffort,
    Durable,
    DurableOrdered,
}

/// What stands between the parentheses of `#[event(..)]`.
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) version: u32,
    pub(crate) gate: Gate,
    pub(crate) bulk: Option<(Ident, OnEmpty)>,
    pub(crate) owner: Option<LitStr>,
    pub(crate) deprecated: Option<LitStr>,
    pub(crate) delivery: Delivery,
    pub(crate) allow_tense: Option<LitStr>,
    pub(crate) krate: CratePath,
}

impl Options {
    pub(crate) fn parse(tokens: TokenStream, diag: &Diagnostics) -> Self {
        let args = Args::parse(tokens, "#[event]", KEYS, diag);
        let name = args.string("name", "name = \"order.created\"");
        if !args.malformed() && args.key("name").is_none() {
            diag.at_call_site("`#[event]` has no name\nwrite `#[event(name = \"order.created\")]`: what happened, under the name it has on the wire");
        }
        Self {
            name,
            version: version(&args, diag),
            gate: gate(&args, diag),
            bulk: bulk(&args, diag),
            owner: text(&args, "owner", "owner = \"team-orders\"", diag),
            deprecated: text(&args, "deprecated", "deprecated = \"use order.placed\"", diag),
            delivery: delivery(&args, diag),
            allow_tense: text(&args, "allow_tense", "allow_tense = \"name fixed by a partner\"", diag),
            krate: CratePath::new(args.path("crate", "crate = path::to::emissions")),
        }
    }
}

fn text(args: &Args<'_>, key: &str, example: &str, diag: &Diagnostics) -> Option<LitStr> {
    let text = args.string(key, example)?;
    if text.value().trim().is_empty() {
        diag.error(&text, format!("`{key}` says nothing\nwrite `{example}`, or leave it out"));
    }
    Some(text)
}

fn version(args: &Args<'_>, diag: &Diagnostics) -> u32 {
    let Some((version, literal)) = args.integer("version", "version = 1") else { return 1 };
    if version == 0 {
        diag.error(literal, "versions count from 1\nwrite `version = 1`, or leave it out");
        return 1;
    }
    version
}

fn gate(args: &Args<'_>, diag: &Diagnostics) -> Gate {
    const EXAMPLE: &str = "gate(min = 2)` or `gate(allow_none)";
    let default = Gate::AtLeast(1);
    let Some(tokens) = args.list("gate", EXAMPLE) else { return default };
    let empty = tokens.is_empty();
    let inner = Args::parse(tokens, "gate", &["min", "allow_none"], diag);
    let min = inner.integer("min", "gate(min = 2)");
    let allow_none = inner.flag("allow_none");
    match (min, inner.key("min"), allow_none) {
        (_, Some(min), true) => {
            diag.error(
                min,
                "`min` asks for gate listeners and `allow_none` does without\nkeep one: `gate(min = 2)` or `gate(allow_none)`",
            );
            default
        }
        (Some((0, literal)), _, _) => {
            diag.error(literal, "a gate needs at least one listener\nwrite `gate(allow_none)` if nobody has to listen");
            default
        }
        (Some((min, _)), _, _) => Gate::AtLeast(min),
        (None, None, true) => Gate::AllowNone,
        (None, None, false) => {
            if empty && let Some(key) = args.key("gate") {
                diag.error(key, format!("`gate` says nothing\nwrite `{EXAMPLE}`"));
            }
            default
        }
        (None, Some(_), false) => default,
    }
}

fn bulk(args: &Args<'_>, diag: &Diagnostics) -> Option<(Ident, OnEmpty)> {
    let bulk = args.ident("bulk", "bulk = order_ids");
    let on_empty = args.string("on_empty", "on_empty = \"open\"");
    match (args.key("bulk"), args.key("on_empty")) {
        (Some(key), None) => diag.error(
            key,
            "`bulk` needs `on_empty`: what an empty batch means\nwrite `on_empty = \"open\"` if there was nothing to do, or `on_empty = \"refuse\"` if it is a mistake",
        ),
        (None, Some(key)) => {
            diag.error(key, "`on_empty` belongs to `bulk`\nwrite `bulk = FIELD` with it, or leave it out");
        }
        _ => {}
    }
    let on_empty = match on_empty.as_ref().map(LitStr::value).as_deref() {
        Some("refuse") => OnEmpty::Refuse,
        Some("open") | None => OnEmpty::Open,
        Some(other) => {
            diag.error(on_empty, format!("`on_empty` can't be \"{other}\"\nwrite `\"open\"` or `\"refuse\"`"));
            OnEmpty::Open
        }
    };
    Some((bulk?, on_empty))
}

fn delivery(args: &Args<'_>, diag: &Diagnostics) -> Delivery {
    let delivery = args.string("delivery", "delivery = \"durable\"");
    match delivery.as_ref().map(LitStr::value).as_deref() {
        None | Some("best_effort") => Delivery::BestEffort,
        Some("durable") => Delivery::Durable,
        Some("durable_ordered") => Delivery::DurableOrdered,
        Some(other) => {
            diag.error(
                delivery,
                format!(
                    "`delivery` can't be \"{other}\"\nwrite `\"best_effort\"`, `\"durable\"` or `\"durable_ordered\"`"
                ),
            );
            Delivery::BestEffort
        }
    }
}
