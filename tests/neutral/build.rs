//! Writes every accepted body of the corpus down twice: as it is, and under `#[on_event]`.

use std::{env, fmt::Write as _, fs, path::Path};

#[path = "../lint_corpus/corpus.rs"]
#[expect(dead_code, reason = "also used by the corpus's own tests")]
mod corpus;

fn main() -> std::io::Result<()> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lint_corpus");
    println!("cargo::rerun-if-changed={}", sources.display());
    let old = env::var("CARGO_PKG_NAME").is_ok_and(|name| name.ends_with("2021"));
    let mut bodies =
        [corpus::read_from(&sources, "visible/accept.txt"), corpus::read_from(&sources, "own/accept.txt")].concat();
    // A `let` in a chain of conditions is an error there.
    let chained = |line: &str| line.contains("let ") && line.contains("&& ") || line.trim_start().starts_with("&& ");
    // And `unsafe` is one everywhere in this workspace.
    bodies.retain(|body| !(body.text.contains("unsafe") || old && body.text.lines().any(chained)));
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    for (module, attribute) in [("plain", "pub(crate)"), ("checked", "#[emissions::on_event]\npub(crate)")] {
        let code: String = bodies.iter().map(|body| corpus::listener(body, attribute, &body.text)).collect();
        fs::write(Path::new(&out).join(format!("{module}.rs")), code)?;
    }
    let mut names = String::from("every! {\n");
    for body in &bodies {
        let _ = writeln!(names, "    {}", body.id.to_lowercase());
    }
    names.push_str("}\n");
    fs::write(Path::new(&out).join("names.rs"), names)?;
    let header = fs::read_to_string(sources.join("header.rs"))?;
    let events = header.find("/// A customer placed").map_or("", |at| &header[at..]);
    let events = events.split("fn is_send").next().unwrap_or_default();
    fs::write(Path::new(&out).join("events.rs"), events)
}
