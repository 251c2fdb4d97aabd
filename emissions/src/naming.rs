#![doc = include_str!("docs/naming/mod.md")]

macro_rules! pages {
    ($($page:ident)*) => {
        $(
            #[doc = include_str!(concat!("docs/naming/", stringify!($page), ".md"))]
            pub mod $page {}
        )*
    };
}

pages! {
    ambiguous_name
    unit
    point_in_time
    statement
    envelope_name
    event_name
    past_tense
    flatten
    untagged
    free_form
    tuple
    map_key
    wide_integer
}
