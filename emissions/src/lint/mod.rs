//! The rules of the lint that `#[on_event]`, `#[listener]` and `#[audited]` run, one page each.
//!
//! A listener that compiles has awaited, joined, returned or visibly handed over every piece of work
//! it started. What a macro cannot see is caught when it runs, by
//! `emissions::testing::assert_no_detached_work` (feature `testing`).

#[doc(hidden)]
pub mod probe;

// Where the compiler finds the shortest names for what it quotes in errors.
#[doc(hidden)]
pub use probe::{
    kind::{Idle, InTracker, Lazy, Leashed, Sequence, Signal, Task, Thread, Twin},
    shape::{Many, One},
};

macro_rules! pages {
    ($($rule:ident),* $(,)?) => {
        $(
            #[doc = include_str!(concat!("../docs/lint/", stringify!($rule), ".md"))]
            pub mod $rule {}
        )*
    };
}

pages! {
    discarded_work,
    detached_task,
    hidden_spawn,
    forgotten_work,
    overwritten_work,
    undrained_group,
    escaping_path,
    aborted_task,
    raced_handle,
    opaque_macro,
    opaque_consumer,
    question_mark_before_join,
    ignored_result,
    detach_without_reason,
}
