//! A truth value reads as a statement.

use super::{Finding, tense};
use crate::event::types::Kind;

/// Verbs that make a statement wherever they stand.
const VERBS: &[&str] = &[
    "is", "are", "was", "were", "isnt", "has", "have", "had", "does", "do", "did", "can", "cannot", "could", "may",
    "might", "must", "shall", "should", "will", "would", "needs", "wants", "allows", "accepts", "includes", "contains",
    "requires", "supports", "uses", "keeps", "exists", "matches", "belongs", "expires", "fails", "passes", "holds",
    "owns", "applies", "exceeds", "lacks", "prefers", "agrees", "wins", "fits", "blocks", "counts", "repeats",
];

pub(crate) fn check(name: &str, words: &[String], kind: Kind) -> Option<Finding> {
    if kind != Kind::Bool || words.iter().any(|word| VERBS.contains(&word.as_str()) || tense::is_past(word)) {
        return None;
    }
    let stem = words.join("_");
    Some(Finding::new(
        "statement",
        format!("`{name}` does not read as a statement that is true or false"),
        format!("write `is_{stem}` or `has_{stem}`"),
    ))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::event::{names::words::split, types::Kind};

    #[test]
    fn statements_pass_and_bare_words_do_not() {
        for name in ["is_vip", "email_verified", "opted_in", "customer_has_account", "paid", "needsReview"] {
            assert_eq!(check(name, &split(name), Kind::Bool), None, "{name}");
        }
        for name in ["vip", "active", "first_order", "refundable"] {
            let finding = check(name, &split(name), Kind::Bool);
            assert_eq!(finding.map(|f| f.help), Some(format!("write `is_{name}` or `has_{name}`")));
        }
        assert_eq!(check("vip", &split("vip"), Kind::Other), None);
    }
}
