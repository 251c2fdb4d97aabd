//! Where in the source a token stands.

use proc_macro2::Span;

/// Line and column from 1; 0 where there is no compiler to ask.
pub(crate) fn line_and_column(span: Span) -> (u32, u32) {
    if !proc_macro::is_available() {
        return (0, 0);
    }
    let span = span.unwrap();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (number(span.line()), number(span.column()))
}
