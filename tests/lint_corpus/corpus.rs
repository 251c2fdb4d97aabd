//! The bodies: how their files are read, and how a body becomes a listener.

use std::{fmt::Write as _, fs, path::Path};

/// One body and what the lint must make of it.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub id: String,
    pub title: String,
    pub text: String,
    /// How many pieces of work it swallows, which is how many errors it may have.
    pub promises: usize,
}

/// Bodies that came to us without saying that they swallow two.
const TWO_PROMISES: &[&str] = &["S017", "S055", "S137"];

/// Reads the bodies of a file; the format is in `README.md` beside this file.
pub(crate) fn read(file: &str) -> Vec<Body> {
    read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join("lint_corpus"), file)
}

/// The same, from the folder of the corpus.
pub(crate) fn read_from(folder: &Path, file: &str) -> Vec<Body> {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bodies: Vec<Body> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("@@ ") {
            let mut parts = head.split(" | ");
            let (id, title) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let id = id.trim().to_owned();
            let promises = parts.find_map(|flag| flag.trim().strip_prefix("promises=")?.parse().ok());
            let promises = promises.unwrap_or(if TWO_PROMISES.contains(&id.as_str()) { 2 } else { 1 });
            bodies.push(Body { id, title: title.to_owned(), text: String::new(), promises });
            open = true;
        } else if line.starts_with("# ") {
            open = false;
        } else if let Some(body) = bodies.last_mut().filter(|_| open) {
            body.text.push_str(line);
            body.text.push('\n');
        }
    }
    for body in &mut bodies {
        body.text.truncate(body.text.trim_end().len());
    }
    let mut ids: Vec<_> = bodies.iter().map(|body| body.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), bodies.len(), "{file}: an id is given twice");
    bodies
}

/// The body as a function on the real interface.
pub(crate) fn listener(body: &Body, attribute: &str, text: &str) -> String {
    let name = body.id.to_lowercase();
    let mut out = String::new();
    let _ = writeln!(out, "// {}: {}", body.id, body.title);
    let _ = writeln!(out, "{attribute}");
    let _ = writeln!(out, "async fn {name}(event: &OrderPlaced, app: &App, ctx: &Ctx) -> Res {{");
    let _ = writeln!(out, "    let ev = Ev::from(event);\n    let app = app.clone();");
    let _ = writeln!(out, "{}", on_the_real_interface(text));
    let _ = writeln!(out, "}}");
    out
}

/// What asserts that the future of the function is `Send`.
pub(crate) fn send_assertion(body: &Body) -> String {
    let name = body.id.to_lowercase();
    format!(
        "fn {name}_is_send(e: &'static OrderPlaced, a: &'static App, c: &'static Ctx) {{ is_send({name}(e, a, c)); }}\n"
    )
}

/// The replacements that the bodies' README prescribes.
fn on_the_real_interface(text: &str) -> String {
    let text = text.replace("ctx.emit(", "ctx.emit_async(").replace("Shipped { id:", "Shipped { shipment_id:");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("ctx.") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let own =
            ["spawn(", "track(", "detach(", "emit_async("].iter().any(|call| after["ctx.".len()..].starts_with(call));
        let word = before.chars().last().is_some_and(|last| last.is_alphanumeric() || last == '_');
        out.push_str(if own || word { "ctx." } else { "app." });
        rest = &after["ctx.".len()..];
    }
    out.push_str(rest);
    in_spawned_blocks(&out)
}

/// `Ok(())` inside the argument of `ctx.spawn(..)` says which error it does not have.
fn in_spawned_blocks(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("ctx.spawn(") {
        let start = at + "ctx.spawn(".len();
        let mut depth = 1_usize;
        let mut end = start;
        for (index, letter) in rest[start..].char_indices() {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                end = start + index;
                break;
            }
        }
        out.push_str(&rest[..start]);
        out.push_str(&rest[start..end].replace("Ok(())", "Ok::<_, Error>(())"));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}
