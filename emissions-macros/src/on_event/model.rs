//! A listener as the macro sees it: options with their spans, arguments by their place.

use std::time::Duration;

use proc_macro2::TokenStream;
use syn::{FnArg, LitStr, Path, Type, parse::Parser, punctuated::Punctuated};

use crate::{args::Args, crate_path::CratePath, diag::Diagnostics, duration, item::Function, lint};

/// Where the function stands.
pub(crate) enum Home {
    /// In a module or a function body.
    Module,
    /// In a `#[listener] impl` of this type.
    Impl(Box<Type>),
}

/// One function under `#[on_event]`.
pub(crate) struct Listener {
    pub(crate) function: Function,
    pub(crate) home: Home,
    pub(crate) options: Options,
    pub(crate) lint: lint::Options,
    pub(crate) krate: CratePath,
}

/// What the attribute says.
pub(crate) struct Options {
    pub(crate) pattern: Option<LitStr>,
    pub(crate) id: Option<LitStr>,
    pub(crate) observer: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: Option<Retry>,
    pub(crate) concurrency: Option<u32>,
    pub(crate) after: Vec<Path>,
    pub(crate) when: Option<Path>,
}

/// `retry(attempts = N, backoff = "…")`.
pub(crate) struct Retry {
    pub(crate) attempts: u32,
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

const KEYS: &[&str] = &["after", "concurrency", "crate", "id", "name", "observer", "retry", "timeout", "when"];

impl Listener {
    pub(crate) fn read(
        arguments: TokenStream,
        function: Function,
        home: Home,
        outer: Option<&CratePath>,
        diag: &Diagnostics,
    ) -> Self {
        let mut keys = [KEYS, lint::Options::KEYS].concat();
        keys.sort_unstable();
        let args = Args::parse(arguments, "on_event", &keys, diag);
        let own = args.path("crate", "crate = path::to::emissions");
        let krate = match (own, outer) {
            (None, Some(outer)) => outer.clone(),
            (own, _) => CratePath::new(own),
        };
        Self { options: Options::read(&args, diag), lint: lint::Options::read(&args, diag), function, home, krate }
    }

    /// The arguments without the receiver.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &syn::PatType> {
        self.function.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        })
    }

    /// The receiver, if there is one.
    pub(crate) fn receiver(&self) -> Option<&syn::Receiver> {
        self.function.signature.receiver()
    }
}

impl Options {
    fn read(args: &Args<'_>, diag: &Diagnostics) -> Self {
        let pattern = args.string("name", "name = \"contact.**\"");
        if let Some(pattern) = &pattern {
            check_pattern(pattern, diag);
        }
        let id = args.string("id", "id = \"search.index_contacts\"");
        if let Some(id) = id.as_ref().filter(|id| id.value().trim().is_empty()) {
            diag.error(
                id,
                "the identity of a listener can't be empty\nwrite `id = \"search.index_contacts\"`, or leave it out",
            );
        }
        let timeout = args.string("timeout", "timeout = \"5s\"");
        let concurrency = args.integer("concurrency", "concurrency = 4").and_then(|(limit, literal)| {
            if limit == 0 {
                diag.error(literal, "a listener that may never run can't succeed\nwrite `concurrency = 1` or more");
            }
            (limit > 0).then_some(limit)
        });
        Self {
            timeout: timeout.and_then(|literal| diag.ok(duration::parse(&literal))),
            retry: args.list("retry", RETRY).and_then(|list| Retry::read(list, args.key("retry"), diag)),
            observer: args.flag("observer"),
            after: args.paths("after", "after = other_listener").unwrap_or_default(),
            when: args.path("when", "when = path::to::predicate"),
            pattern,
            id,
            concurrency,
        }
    }
}

const RETRY: &str = "retry(attempts = 3, backoff = \"100ms..5s\")";

impl Retry {
    fn read(list: TokenStream, key: Option<&syn::Ident>, diag: &Diagnostics) -> Option<Self> {
        let args = Args::parse(list, "retry", &["attempts", "backoff"], diag);
        let attempts = args.integer("attempts", "attempts = 3");
        let backoff = args.string("backoff", "backoff = \"100ms..5s\"");
        if args.key("attempts").is_none() {
            diag.error(key, format!("`retry` does not say how often\nwrite `{RETRY}`"));
        }
        let (attempts, literal) = attempts?;
        if attempts < 2 {
            diag.error(
                literal,
                "the first attempt counts, so `retry` means two or more\nwrite `attempts = 2`, or leave `retry` out",
            );
        }
        let (first, longest) = match backoff {
            Some(backoff) => diag.ok(duration::parse_range(&backoff))?,
            None => (Duration::from_millis(100), Duration::from_secs(5)),
        };
        Some(Self { attempts, first, longest })
    }
}

fn check_pattern(pattern: &LitStr, diag: &Diagnostics) {
    let text = pattern.value();
    let segment = |segment: &str| {
        matches!(segment, "*" | "**")
            || (!segment.is_empty()
                && segment.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
    };
    if !text.split('.').all(segment) {
        diag.error(
            pattern,
            format!(
                "`{text}` is no pattern of event names\n\
                 write segments joined by dots, `*` for one of them, `**` for any number: \"contact.**\""
            ),
        );
    }
}

impl Args<'_> {
    /// `key = path`, or `key(path, path)`.
    fn paths(&self, key: &str, example: &str) -> Option<Vec<Path>> {
        if self.is_list(key) {
            let list = self.list(key, example)?;
            let parsed = Punctuated::<Path, syn::Token![,]>::parse_terminated.parse2(list.clone());
            return match parsed {
                Ok(paths) => Some(paths.into_iter().collect()),
                Err(_) => {
                    self.report(list, format!("`{key}` takes paths of listeners\nwrite `{example}`"));
                    None
                }
            };
        }
        self.path(key, example).map(|path| vec![path])
    }
}
