//! Options on and off, the types the probe knows, and what the lint must leave alone.

use std::fmt::Write as _;

use crate::{
    HEADER,
    krate::{Crate, Diagnostic, Function, check_in_rounds},
};

/// A function of the generated crate, and the rules it must break; none if it must compile.
struct Case {
    id: &'static str,
    code: &'static str,
    breaks: &'static [&'static str],
}

fn judge(name: &str, cases: &[Case]) {
    let functions = cases.iter().map(|case| Function { id: case.id.to_owned(), code: case.code.to_owned() }).collect();
    let krate = Crate { name, edition: "2024", header: HEADER, clippy: false };
    let verdicts = check_in_rounds(&krate, functions);
    let mut faults = String::new();
    for case in cases {
        let errors: Vec<&Diagnostic> =
            verdicts.get(case.id).into_iter().flatten().filter(|found| !found.warning).collect();
        let mut rules: Vec<&str> = errors
            .iter()
            .map(|found| {
                let text = found.message.as_str();
                text.strip_prefix("emissions::").and_then(|rest| rest.split(':').next()).unwrap_or(text)
            })
            .collect();
        rules.sort_unstable();
        let mut expected = case.breaks.to_vec();
        expected.sort_unstable();
        if rules != expected {
            let _ = writeln!(faults, "{}: {rules:?} instead of {expected:?}\n{}", case.id, case.code);
            errors.iter().for_each(|found| faults.push_str(&found.rendered));
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

macro_rules! cases {
    ($($id:ident breaks [$($rule:literal),*] $code:literal;)*) => {
        &[$(Case { id: stringify!($id), code: $code, breaks: &[$($rule),*] }),*]
    };
}

#[test]
fn options_take_effect_and_only_where_they_are_set() {
    judge(
        "options",
        cases! {
            strict_off breaks [] "#[on_event] async fn strict_off(e: &OrderPlaced) -> Res {
                let task = tokio::spawn(save(1)); notify(1).await?; task.await? }";
            strict_on breaks ["question_mark_before_join"] "#[on_event(strict)] async fn strict_on(e: &OrderPlaced) -> Res {
                let task = tokio::spawn(save(1)); notify(1).await?; task.await? }";
            strict_lazy breaks [] "#[on_event(strict)] async fn strict_lazy(e: &OrderPlaced) -> Res {
                let work = save(1); notify(1).await?; work.await }";
            awaits_off breaks ["opaque_macro"] "#[on_event] async fn awaits_off(e: &OrderPlaced) -> Res { wait!(save(1)); Ok(()) }";
            awaits_on breaks [] "#[on_event(awaits(wait))] async fn awaits_on(e: &OrderPlaced) -> Res { wait!(save(1)); Ok(()) }";
            awaits_other breaks ["opaque_macro"] "#[on_event(awaits(other))] async fn awaits_other(e: &OrderPlaced) -> Res { wait!(save(1)); Ok(()) }";
            consumes_off breaks ["opaque_consumer"] "#[on_event] async fn consumes_off(e: &OrderPlaced) -> Res { run_sync(|| ()); consumers::sink(save(1)); Ok(()) }
                mod consumers { pub fn sink<T>(_: T) {} }";
            consumes_on breaks [] "#[on_event(consumes(sink))] async fn consumes_on(e: &OrderPlaced) -> Res { sinks::sink(save(1)); Ok(()) }
                mod sinks { pub fn sink<T>(_: T) {} }";
            allow_on breaks [] "#[on_event(allow(detached_task, reason = \"a test\"))] async fn allow_on(e: &OrderPlaced) -> Res { tokio::spawn(save(1)); Ok(()) }";
            allow_other breaks ["detached_task"] "#[on_event(allow(forgotten_work, reason = \"a test\"))] async fn allow_other(e: &OrderPlaced) -> Res { tokio::spawn(save(1)); Ok(()) }";
            allow_empty breaks ["the reason of `allow` is empty\nsay in a few words why the rule does not apply here"]
                "#[on_event(allow(detached_task, reason = \"\"))] async fn allow_empty(e: &OrderPlaced) -> Res { tokio::spawn(save(1)); Ok(()) }";
            observer breaks ["discarded_work"] "#[on_event(observer)] async fn observer(e: &OrderPlaced) -> Res { save(1); Ok(()) }";
            audited_fn breaks ["discarded_work"] "#[emissions::audited] async fn audited_fn(id: u64) -> Res { save(id); Ok(()) }";
            audited_parameter breaks ["forgotten_work"] "#[emissions::audited] async fn audited_parameter(task: JoinHandle<Res>) -> Res { log(&task.id().to_string()); Ok(()) }";
            audited_impl breaks ["detached_task"] "struct Service; #[emissions::audited] impl Service {
            async fn good(&self, id: u64) -> Res { save(id).await }
            async fn bad(&self, id: u64) -> Res { tokio::spawn(save(id)); Ok(()) } }";
            audited_generic breaks [] "#[emissions::audited] async fn audited_generic<T: Send>(value: T) -> Res { let kept = value; let _other = &kept; Ok(()) }";
            audited_bound breaks ["forgotten_work"] "#[emissions::audited] async fn audited_bound(work: impl Future<Output = Res>) -> Res { let held = work; Ok(()) }";
            passive_expression breaks ["discarded_work"] "#[on_event] async fn passive_expression(e: &OrderPlaced, n: &Notify) -> Res { n.notified(); Ok(()) }";
            passive_local breaks [] "#[on_event] async fn passive_local(e: &OrderPlaced, n: &Notify) -> Res { let armed = n.notified(); let s = sleep(SEC); Ok(()) }";
            reason_computed breaks ["detach_without_reason"] "#[on_event] async fn reason_computed(e: &OrderPlaced, ctx: &Ctx) -> Res { ctx.detach(concat!(\"a\", \"b\"), save(1)); Ok(()) }";
            two_at_once breaks ["discarded_work", "forgotten_work", "detached_task"] "#[on_event] async fn two_at_once(e: &OrderPlaced) -> Res {
                save(1); let work = save(2); tokio::spawn(save(3)); Ok(()) }";
        },
    );
}

/// One case per shape of a type that may hold work.
#[test]
fn the_probe_knows_the_owning_types_of_std() {
    let shapes = [
        ("option", "Some(boxed(1))"),
        ("result", "Res::Ok(boxed(1))"),
        ("error", "Err::<(), _>(boxed(1))"),
        ("poll", "Poll::Ready(boxed(1))"),
        ("boxed_dyn", "Box::new(boxed(1))"),
        ("rc", "std::rc::Rc::new(boxed(1))"),
        ("arc", "Arc::new(boxed(1))"),
        ("cell", "std::cell::Cell::new(Some(boxed(1)))"),
        ("ref_cell", "std::cell::RefCell::new(boxed(1))"),
        ("once_cell", "std::cell::OnceCell::from(boxed(1))"),
        ("once_lock", "std::sync::OnceLock::from(boxed(1))"),
        ("mutex", "StdMutex::new(boxed(1))"),
        ("rw_lock", "std::sync::RwLock::new(boxed(1))"),
        ("async_mutex", "Mutex::new(boxed(1))"),
        ("manually_drop", "std::mem::ManuallyDrop::new(boxed(1))"),
        ("vector", "vec![boxed(1)]"),
        ("slice", "vec![boxed(1)].into_boxed_slice()"),
        ("array", "[boxed(1), boxed(2)]"),
        ("deque", "VecDeque::from([boxed(1)])"),
        ("list", "std::collections::LinkedList::from([boxed(1)])"),
        ("map", "HashMap::from([(1, boxed(1))])"),
        ("ordered_map", "BTreeMap::from([(1, boxed(1))])"),
        ("single", "(boxed(1),)"),
        ("pair", "(1, boxed(1))"),
        ("triple", "(1, 2, boxed(1))"),
        ("quadruple", "(1, 2, 3, boxed(1))"),
        ("nested", "vec![Some(boxed(1))]"),
        ("option_of_vector", "Some(vec![boxed(1)])"),
        ("three_deep", "Some(vec![Some(boxed(1))])"),
        ("pairs", "vec![(1, boxed(1))]"),
        ("iterator", "(0..3).map(boxed)"),
        ("iterator_of_pairs", "(0..3).map(|id| (id, boxed(id)))"),
        ("future_set", "(0..3).map(boxed).collect::<FuturesUnordered<_>>()"),
        ("stream", "stream::iter(0..3).map(boxed)"),
        ("buffered", "stream::iter(0..3).map(boxed).buffered(2)"),
        ("task", "tokio::spawn(save(1))"),
        ("optional_task", "Some(tokio::spawn(save(1)))"),
        ("abort_on_drop", "AbortOnDropHandle::new(tokio::spawn(save(1)))"),
        ("thread", "std::thread::spawn(|| ())"),
        ("threads", "vec![std::thread::spawn(|| ())]"),
    ];
    let functions = shapes
        .iter()
        .map(|(id, make)| Function {
            id: (*id).to_owned(),
            code: format!("#[emissions::audited] async fn {id}() {{ let work = {make}; }}"),
        })
        .collect();
    let krate = Crate { name: "shapes", edition: "2024", header: HEADER, clippy: false };
    let verdicts = check_in_rounds(&krate, functions);
    for (id, make) in shapes {
        let errors: Vec<_> = verdicts.get(id).into_iter().flatten().filter(|found| !found.warning).collect();
        assert!(matches!(&errors[..], [one] if one.is_ours()), "{id}: `{make}`: {errors:?}");
    }
}

/// Ill-typed, half-typed and empty bodies get the compiler's errors and none of ours.
#[test]
fn what_does_not_compile_gets_the_compilers_errors_only() {
    let broken = [
        ("unknown_function", "async fn unknown_function(id: u64) -> Res { missing(id); Ok(()) }"),
        ("unknown_method", "async fn unknown_method(id: u64) -> Res { id.missing(); let x = id.other(); Ok(()) }"),
        ("wrong_type", "async fn wrong_type(id: u64) -> Res { let n: String = id; drop(n); Ok(()) }"),
        ("missing_argument", "async fn missing_argument() -> Res { save().await }"),
        ("empty", "async fn empty() -> Res {}"),
        ("unknown_type", "async fn unknown_type(x: Missing) -> Res { x.go(); let y = x; Ok(()) }"),
        ("uninferred", "async fn uninferred() -> Res { let v = Vec::new(); Ok(()) }"),
    ];
    let krate = Crate { name: "broken", edition: "2024", header: HEADER, clippy: false };
    let make = |attribute: &str| {
        broken
            .iter()
            .map(|(id, code)| Function { id: (*id).to_owned(), code: format!("{attribute} {code}") })
            .collect::<Vec<_>>()
    };
    let plain = krate.check(&make(""));
    let checked = krate.check(&make("#[emissions::audited]"));
    for (id, code) in broken {
        let errors = |verdicts: &crate::krate::Verdicts| {
            let mut messages: Vec<String> = verdicts
                .get(id)
                .into_iter()
                .flatten()
                .filter(|found| !found.warning)
                .map(|found| found.message.clone())
                .collect();
            messages.sort();
            messages
        };
        assert!(!errors(&plain).is_empty(), "{id} compiles");
        assert_eq!(errors(&plain), errors(&checked), "{id}: {code}");
    }
}

/// The compiler's and clippy's own findings are the same with the lint and without.
#[test]
fn warnings_are_the_same_with_the_lint_and_without() {
    let bodies = [
        (
            "fine",
            "async fn fine(id: u64) -> Res { let work = save(id); ev(); work.await?; match id { 0 => {} _ => log(\"x\") } Ok(()) } fn ev() {}",
        ),
        ("unused", "async fn unused(id: u64) -> Res { let number = id + 1; let mut text = String::new(); Ok(()) }"),
        (
            "groups",
            "async fn groups(ids: Vec<u64>) -> Res { let mut set = JoinSet::new(); for id in ids { set.spawn(save(id)); } while let Some(done) = set.join_next().await { done??; } Ok(()) }",
        ),
        (
            "raced",
            "async fn raced(id: u64) -> Res { tokio::select! { r = save(id) => r, _ = sleep(SEC) => { log(\"late\"); Ok(()) } } }",
        ),
        (
            "parts",
            "async fn parts(id: u64) -> Res { let (tx, _) = mpsc::channel::<u64>(1); let Some(_) = tx.max_capacity().checked_add(1) else { return Ok(()) }; for _ in [1, 2] { save(id).await?; } Ok(()) }",
        ),
    ];
    let header = HEADER.replace(
        "#![allow(unused_imports, unused_variables, unused_mut, unused_assignments, unreachable_code, dead_code)]",
        "#![allow(unused_imports, dead_code)]\n#![warn(clippy::pedantic)]",
    );
    let krate = Crate { name: "warnings", edition: "2021", header: &header, clippy: true };
    let make = |attribute: &str| {
        bodies
            .iter()
            .map(|(id, code)| Function { id: (*id).to_owned(), code: format!("{attribute}\n{code}") })
            .collect::<Vec<_>>()
    };
    let (plain, checked) = (krate.check(&make("")), krate.check(&make("#[emissions::audited]")));
    for (id, code) in bodies {
        let messages = |verdicts: &crate::krate::Verdicts| {
            let mut messages: Vec<(String, usize)> =
                verdicts.get(id).into_iter().flatten().map(|found| (found.message.clone(), found.line)).collect();
            messages.sort();
            messages
        };
        assert_eq!(messages(&plain), messages(&checked), "{id}: {code}");
    }
}
