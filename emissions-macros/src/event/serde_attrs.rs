//! What the user's serde attributes do to names and shapes on the wire.

use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Token, punctuated::Punctuated};

/// Every `#[serde(..)]` argument that parses; serde itself reports the others.
pub(crate) fn metas(attrs: &[Attribute]) -> Vec<Meta> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("serde"))
        .filter_map(|attr| attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok())
        .flatten()
        .collect()
}

/// The string of `key = "text"`.
pub(crate) fn text(meta: &Meta) -> Option<LitStr> {
    match meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Serde attributes of the struct.
pub(crate) struct ContainerSerde {
    pub(crate) metas: Vec<Meta>,
    pub(crate) rename_all: RenameRule,
}

impl ContainerSerde {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let metas = metas(attrs);
        let rename_all = metas
            .iter()
            .filter(|meta| meta.path().is_ident("rename_all"))
            .find_map(text)
            .map_or(RenameRule::None, |rule| RenameRule::from_name(&rule.value()));
        Self { metas, rename_all }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.metas.iter().any(|meta| meta.path().is_ident(key))
    }
}

/// Serde attributes of one field.
pub(crate) struct FieldSerde {
    pub(crate) metas: Vec<Meta>,
    pub(crate) rename: Option<LitStr>,
}

impl FieldSerde {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let metas = metas(attrs);
        let rename = metas.iter().filter(|meta| meta.path().is_ident("rename")).find_map(text);
        Self { metas, rename }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.metas.iter().any(|meta| meta.path().is_ident(key))
    }

    /// Whether the field never reaches the wire.
    pub(crate) fn skipped(&self) -> bool {
        self.has("skip") || self.has("skip_serializing")
    }
}

/// `rename_all`, as serde applies it to fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RenameRule {
    None,
    Lower,
    Upper,
    Pascal,
    Camel,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl RenameRule {
    /// Unknown rules are serde's to report.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => Self::None,
        }
    }

    /// The name on the wire of the field `ident`.
    pub(crate) fn apply(self, ident: &str) -> String {
        match self {
            Self::None | Self::Lower => ident.to_owned(),
            Self::Upper | Self::ScreamingSnake => ident.to_ascii_uppercase(),
            Self::Pascal => {
                let mut pascal = String::new();
                let mut capital = true;
                for letter in ident.chars() {
                    if letter == '_' {
                        capital = true;
                    } else {
                        pascal.push(if capital { letter.to_ascii_uppercase() } else { letter });
                        capital = false;
                    }
                }
                pascal
            }
            Self::Camel => {
                let pascal = Self::Pascal.apply(ident);
                let mut letters = pascal.chars();
                letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
            }
            Self::Kebab => ident.replace('_', "-"),
            Self::ScreamingKebab => ident.to_ascii_uppercase().replace('_', "-"),
        }
    }
}
