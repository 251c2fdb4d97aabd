//! What the lint cannot read: syntax that the compiler has and syn has not, and code that is being typed.

use std::fmt::Write as _;

use crate::{
    HEADER,
    krate::{Crate, Diagnostic, Function, Verdicts},
};

/// Valid, since it is configured away; syn asks for a trait behind `impl`.
const UNREADABLE: &str = "#[cfg(any())] fn inner() -> impl 'static {}";

fn errors<'v>(verdicts: &'v Verdicts, id: &str) -> Vec<&'v Diagnostic> {
    verdicts.get(id).into_iter().flatten().filter(|found| !found.warning).collect()
}

fn check(name: &str, functions: &[(&str, String)]) -> Verdicts {
    let functions: Vec<Function> =
        functions.iter().map(|(id, code)| Function { id: (*id).to_owned(), code: code.clone() }).collect();
    Crate { name, edition: "2024", header: HEADER, clippy: false }.check(&functions)
}

#[test]
fn a_body_that_cannot_be_read_gets_one_honest_error() {
    let cases = [
        (
            "function",
            format!("#[emissions::audited] async fn function() -> Res {{\n save(1);\n {UNREADABLE}\n Ok(()) }}"),
            1,
        ),
        (
            "listener",
            format!("#[on_event] async fn listener(e: &OrderPlaced) -> Res {{\n save(1);\n {UNREADABLE}\n Ok(()) }}"),
            1,
        ),
        (
            "method",
            format!(
                "struct A; #[emissions::audited] impl A {{ async fn fine(&self) -> Res {{ save(1).await }}\n\
                 async fn method(&self) -> Res {{ {UNREADABLE} Ok(()) }} }}"
            ),
            1,
        ),
        (
            "listening_method",
            format!(
                "struct B; #[emissions::listener] impl B {{ #[on_event] async fn b(e: &OrderPlaced) -> Res {{ {UNREADABLE} Ok(()) }} {UNREADABLE} }}"
            ),
            1,
        ),
        // Nothing there that could start work.
        ("not_async", format!("struct C; #[emissions::audited] impl C {{ {UNREADABLE} async fn c() {{}} }}"), 0),
        (
            "configured_away",
            "struct D; #[emissions::audited] impl D { #[cfg(any())] async fn d(..., x: u8) { save(x); } }".to_owned(),
            0,
        ),
    ];
    let functions: Vec<_> = cases.iter().map(|(id, code, _)| (*id, code.clone())).collect();
    let verdicts = check("unread", &functions);
    for (id, code, expected) in &cases {
        let found = errors(&verdicts, id);
        assert_eq!(found.len(), *expected, "{code}\n{found:?}");
        for error in found {
            assert!(error.rendered.contains("the lint cannot read the syntax here"), "{}", error.rendered);
            assert!(!error.rendered.contains("let _"), "a discard is offered\n{}", error.rendered);
        }
    }
    assert!(errors(&verdicts, "").is_empty());
    let place = errors(&verdicts, "function").first().map(|error| error.rendered.clone()).unwrap_or_default();
    assert!(place.contains("impl 'static"), "points elsewhere\n{place}");
}

/// One method that cannot be read takes nothing away from those beside it.
#[test]
fn what_stands_beside_an_unreadable_method_is_checked() {
    let functions = [
        (
            "audited",
            format!(
                "struct A; #[emissions::audited] impl A {{ {UNREADABLE}\n\
                 async fn unread(&self) -> Res {{ {UNREADABLE} Ok(()) }}\n\
                 async fn bad(&self) -> Res {{ save(1); Ok(()) }} }}"
            ),
        ),
        (
            "listener",
            format!(
                "struct B; #[emissions::listener] impl B {{ {UNREADABLE}\n\
                 #[on_event] async fn unread(e: &OrderPlaced) -> Res {{ {UNREADABLE} Ok(()) }}\n\
                 #[on_event] async fn bad(e: &OrderPlaced) -> Res {{ tokio::spawn(save(1)); Ok(()) }} }}"
            ),
        ),
    ];
    let verdicts = check("beside", &functions);
    for (id, code) in functions {
        let found = errors(&verdicts, id);
        assert!(matches!(&found[..], [only] if only.is_ours()), "{code}\n{found:?}");
    }
}

/// Ill-typed, half-typed and empty listeners: the compiler's errors, and those alone.
///
/// A crate each: an error of syntax may hide the others.
#[test]
fn code_that_is_being_typed_gets_the_compilers_errors_only() {
    let bodies = [
        "app.\n",
        "let work =\n    Ok(())",
        "let\n",
        "let work = save(1)\n    work.await",
        "if event. { save(1).await?; }\n    Ok(())",
        "match event.order_id { 1 => , _ => {} }\n    Ok(())",
        "log(\"one\" \"two\");\n    Ok(())",
        "#[allow(unused)]",
        "?",
        "async move",
        "let list: Vec< = 1;\n    Ok(())",
        "let Some(coupon) = event.coupon_id else ;\n    Ok(())",
        "for id in { }\n    Ok(())",
        "",
        ";",
        "tokio::select! { done = save(1) => }\n    Ok(())",
        "let x = missing(event.order_id); x.y; missing(x);\n    Ok(())",
        "let text: String = event.order_id; let kept = text; 1",
        "let work = save(1).await.await?; work.await",
        "let text = String::new(); let moved = text; save(1).await?; drop(text);\n    Ok(())",
    ];
    let mut faults = String::new();
    for body in bodies {
        let messages = |attribute: &str| {
            let code = format!("{attribute}\nasync fn half(event: &OrderPlaced, app: &App) -> Res {{\n    {body}\n}}");
            let verdicts = check("typing", &[("half", code)]);
            let mut messages: Vec<(String, usize, usize)> = verdicts
                .values()
                .flatten()
                .filter(|found| !found.warning)
                .map(|found| (found.message.clone(), found.line, found.column))
                .collect();
            messages.sort();
            messages
        };
        let plain = messages("");
        assert!(!plain.is_empty(), "`{body}` compiles");
        for attribute in ["#[emissions::audited]", "#[on_event]"] {
            let checked = messages(attribute);
            if checked != plain {
                let _ = writeln!(faults, "{attribute} {body:?}\n  {checked:?}\n  instead of\n  {plain:?}");
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
