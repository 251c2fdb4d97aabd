//! What the case of a pattern says of the value it matches.

use syn::Pat;

use crate::lint::syntax::last_segment;

/// `None`, `Ok(None)`, `Poll::Ready(None)`.
pub(super) fn is_empty_case(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(ident) => ident.ident == "None",
        Pat::Path(path) => last_segment(&path.path) == "None",
        Pat::TupleStruct(tuple) => tuple.elems.len() == 1 && tuple.elems.iter().all(is_empty_case),
        Pat::Wild(_) => true,
        _ => false,
    }
}

/// Whether the pattern is `Poll::Ready(..)`, if it is a case of `Poll` at all.
pub(super) fn poll_case(pattern: &Pat) -> Option<bool> {
    let path = match pattern {
        Pat::TupleStruct(tuple) => &tuple.path,
        Pat::Path(path) => &path.path,
        Pat::Paren(inner) => return poll_case(&inner.pat),
        _ => return None,
    };
    match last_segment(path).as_str() {
        "Ready" => Some(true),
        "Pending" => Some(false),
        _ => None,
    }
}

/// `Some(_)`, `Ok(_)`: there is something, and nobody takes it.
pub(super) fn is_payload_ignored(pattern: &Pat) -> bool {
    match pattern {
        Pat::TupleStruct(tuple) => {
            matches!(last_segment(&tuple.path).as_str(), "Some" | "Ok")
                && tuple
                    .elems
                    .iter()
                    .all(|part| matches!(part, Pat::Wild(_) | Pat::Rest(_)) || is_payload_ignored(part))
        }
        Pat::Paren(inner) => is_payload_ignored(&inner.pat),
        _ => false,
    }
}

/// `Err(..)`, also inside of another case.
pub(super) fn is_failure_case(pattern: &Pat) -> bool {
    match pattern {
        Pat::TupleStruct(tuple) => last_segment(&tuple.path) == "Err" || tuple.elems.iter().any(is_failure_case),
        _ => false,
    }
}

/// Whether the pattern looks into the value at all.
pub(super) fn takes_apart(pattern: &Pat) -> bool {
    match pattern {
        Pat::Tuple(_)
        | Pat::TupleStruct(_)
        | Pat::Struct(_)
        | Pat::Slice(_)
        | Pat::Lit(_)
        | Pat::Range(_)
        | Pat::Or(_) => true,
        Pat::Paren(inner) => takes_apart(&inner.pat),
        _ => false,
    }
}
