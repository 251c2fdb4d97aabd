//! What a shared field may not be called, and may not hold.

use syn::{LitStr, ext::IdentExt};

use super::model::{Model, Options};
use crate::{
    diag::Diagnostics,
    event::{
        names::{self, EventName},
        types::{self, Kind, Shape},
    },
};

/// Reports everything wrong with a newtype whose structure is sound.
pub(crate) fn check(options: &Options, model: &Model, diag: &Diagnostics) {
    if let Some(name) = &options.name {
        self::name(name, model, diag);
    }
    for part in types::unparseable(&model.inner) {
        if part.shape != Shape::TooWide || !model.string {
            diag.error(&part.tokens, part.message());
        }
    }
}

fn name(name: &LitStr, model: &Model, diag: &Diagnostics) {
    let text = name.value();
    let starts_well = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if !starts_well || !text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-') {
        diag.error(
            name,
            "the name of a shared field is one word or several joined by `_`\nwrite it as the events do: `user_id`",
        );
        return;
    }
    // The type's name says whose field it is, and the newtype carries the unit.
    let proposals = EventName::of_type(&model.item.ident.unraw().to_string());
    if let Some(finding) = names::check_field(&text, Kind::Other, &proposals) {
        diag.error(name, finding.without_opt_out().message());
    }
}
