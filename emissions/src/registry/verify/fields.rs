//! The dictionary: one name on the wire is one type and one meaning, in every event.
//!
//! Types are compared by identity, `Option<T>` as `T`; a 64-bit integer written as a string is a
//! type of its own. Meanings are compared by doc text, white space aside. A shared field says what
//! it means at its type, so its events may say more; so may fields that `allow_ambiguous` lets have
//! an ambiguous name, later versions of one event, and fields that say nothing.

use std::{any::TypeId, collections::BTreeMap};

use crate::{
    event::{EventDescriptor, FieldDescriptor},
    registry::{Place, Registry, ViolationCode, Violations},
};

/// A field where an event carries it.
#[derive(Clone, Copy)]
struct Use {
    event: &'static EventDescriptor,
    field: &'static FieldDescriptor,
}

/// What a name can have only one of.
type WireType = (TypeId, bool);

pub(super) fn check(registry: &Registry, violations: &mut Violations) {
    let mut by_name: BTreeMap<&str, Vec<Use>> = BTreeMap::new();
    for &event in registry.events() {
        for field in event.fields {
            by_name.entry(field.wire_name).or_default().push(Use { event, field });
            misnamed(event, field, violations);
        }
    }
    for (name, uses) in by_name {
        let types = grouped(&uses, Use::wire_type);
        if types.len() > 1 {
            type_clash(name, &types, violations);
        }
        for (_, uses) in types {
            let meanings = grouped(&newest_with_a_meaning(&uses), Use::meaning);
            if meanings.len() > 1 {
                meaning_clash(name, &meanings, violations);
            }
        }
    }
}

impl Use {
    fn wire_type(&self) -> WireType {
        ((self.field.value_type_id)(), self.field.as_string)
    }

    fn meaning(&self) -> String {
        self.field.doc.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The type as written, and as the compiler names it where that says more.
    fn type_text(&self) -> String {
        let (written, known) = (self.field.type_text, (self.field.type_name)());
        let known = if written == known { String::new() } else { format!(" ({known})") };
        let as_string = if self.field.as_string { " written as a string" } else { "" };
        format!("`{written}`{known}{as_string}")
    }
}

/// In the order of first use, which is that of the events' names.
fn grouped<K: PartialEq>(uses: &[Use], key: impl Fn(&Use) -> K) -> Vec<(K, Vec<Use>)> {
    let mut groups: Vec<(K, Vec<Use>)> = Vec::new();
    for of in uses {
        let key = key(of);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, uses)) => uses.push(*of),
            None => groups.push((key, vec![*of])),
        }
    }
    groups
}

/// The uses whose doc text says what the name means; of several versions of an event the newest.
fn newest_with_a_meaning(uses: &[Use]) -> Vec<Use> {
    let mut newest: Vec<Use> = Vec::new();
    for of in uses {
        let silent = of.field.doc.trim().is_empty();
        if silent || of.field.allow_ambiguous.is_some() || (of.field.shared)().is_some() {
            continue;
        }
        match newest.last_mut() {
            // Events are sorted by name, then by version.
            Some(last) if last.event.name == of.event.name && last.event.version < of.event.version => *last = *of,
            _ => newest.push(*of),
        }
    }
    newest
}

/// One place for each group, and how many others there are.
fn places<K>(groups: &[(K, Vec<Use>)], describe: impl Fn(&Use) -> String) -> Vec<Place> {
    let place = |uses: &Vec<Use>| {
        let of = uses.first()?;
        let others = match uses.len() - 1 {
            0 => String::new(),
            1 => ", and in 1 other event".to_owned(),
            more => format!(", and in {more} other events"),
        };
        Some(Place::new(of.field.location, format!("{} in `{}`{others}", describe(of), of.event.wire_type())))
    };
    groups.iter().filter_map(|(_, uses)| place(uses)).collect()
}

fn type_clash(name: &str, types: &[(WireType, Vec<Use>)], violations: &mut Violations) {
    let shared = types.iter().flat_map(|(_, uses)| uses).find_map(|of| (of.field.shared)());
    let fix = match shared {
        Some(shared) => format!(
            "use the shared field `{}` in every event that means it, and call what is something else otherwise",
            shared.rust_path
        ),
        None => format!(
            "if it is the same thing, give it one type in all of them, best a newtype under\n\
             `#[shared_field(name = \"{name}\")]`; if not, say in the name whose it is or what it counts"
        ),
    };
    let places = places(types, Use::type_text);
    violations.add(ViolationCode::FieldTypeClash, places, format!("`{name}` has {} types", types.len()), fix);
}

fn meaning_clash(name: &str, meanings: &[(String, Vec<Use>)], violations: &mut Violations) {
    let inner = meanings.first().and_then(|(_, uses)| uses.first()).map_or("…", |of| of.field.type_text);
    let inner = inner.strip_prefix("Option<").and_then(|inner| inner.strip_suffix('>')).unwrap_or(inner);
    let newtype = pascal_case(name);
    violations.add(
        ViolationCode::FieldMeaningClash,
        places(meanings, |of| format!("\"{}\"", of.meaning())),
        format!("`{name}` has {} meanings", meanings.len()),
        format!(
            "if it is the same thing, say so once: `#[shared_field(name = \"{name}\")] pub struct {newtype}({inner});`,\n\
             and use that type in all of them (or the same doc text); if not, give them different names"
        ),
    );
}

fn misnamed(event: &'static EventDescriptor, field: &'static FieldDescriptor, violations: &mut Violations) {
    let Some(shared) = (field.shared)() else { return };
    if shared.name == field.wire_name {
        return;
    }
    violations.add(
        ViolationCode::SharedFieldMisnamed,
        [
            Place::new(field.location, format!("a field of `{}`", event.wire_type())),
            Place::new(shared.location, format!("`{}` is declared here", shared.rust_path)),
        ],
        format!("`{}` is a shared field called `{}`, and is used as `{}`", shared.rust_path, shared.name, field.wire_name),
        format!(
            "call the field `{}`; if it means something else (another role of the same thing), give it a type of its own",
            shared.name
        ),
    );
}

fn pascal_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    name.split(|letter: char| !letter.is_alphanumeric()).map(word).collect()
}
