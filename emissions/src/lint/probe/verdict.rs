//! What each rule accepts, and what it says of the rest.
//!
//! A rule that speaks differently of futures, tasks, threads and groups has a trait for each; of the
//! traits a check asks for at most one is missing, so that there is one error for one promise.

use std::marker::PhantomData;

use super::{
    find::{Clear, Unread},
    kind::{Idle, InTracker, Lazy, Leashed, Sequence, Signal, Task, Thread, Twin},
    shape::{Many, One},
};

/// Implements a verdict for every finding that is listed.
macro_rules! accepts {
    ($verdict:ident: $($finding:ident)*) => {
        $(accepts!(@one $verdict $finding);)*
    };
    (@one $verdict:ident nothing) => {
        accepts!(@one $verdict signal);
        accepts!(@impl $verdict Clear);
        accepts!(@impl $verdict Unread);
    };
    (@one $verdict:ident result) => { accepts!(@impl $verdict Unread); };
    (@one $verdict:ident signal) => {
        accepts!(@impl $verdict Signal<One>);
        accepts!(@impl $verdict Signal<Many>);
    };
    (@one $verdict:ident unknown) => {
        accepts!(@impl $verdict Clear);
        accepts!(@impl $verdict Unread);
    };
    (@one $verdict:ident clear) => { accepts!(@impl $verdict Clear); };
    (@one $verdict:ident future) => { accepts!(@impl $verdict Lazy<One>); };
    (@one $verdict:ident futures) => {
        accepts!(@impl $verdict Lazy<Many>);
        accepts!(@impl $verdict Sequence<Many>);
    };
    (@one $verdict:ident sequence) => { accepts!(@impl $verdict Sequence<Many>); };
    (@one $verdict:ident task) => {
        accepts!(@impl $verdict Task<One>);
        accepts!(@impl $verdict Leashed<One>);
    };
    (@one $verdict:ident tasks) => {
        accepts!(@impl $verdict Task<Many>);
        accepts!(@impl $verdict Leashed<Many>);
    };
    (@one $verdict:ident leashed) => {
        accepts!(@impl $verdict Leashed<One>);
        accepts!(@impl $verdict Leashed<Many>);
    };
    (@one $verdict:ident thread) => { accepts!(@impl $verdict Thread<One>); };
    (@one $verdict:ident threads) => { accepts!(@impl $verdict Thread<Many>); };
    (@one $verdict:ident tracker) => {
        accepts!(@impl $verdict InTracker<One>);
        accepts!(@impl $verdict InTracker<Many>);
    };
    (@one $verdict:ident idle) => { accepts!(@impl $verdict Idle<One>); };
    (@one $verdict:ident idles) => { accepts!(@impl $verdict Idle<Many>); };
    (@one $verdict:ident twin) => { accepts!(@impl $verdict Twin<One>); };
    (@one $verdict:ident twins) => { accepts!(@impl $verdict Twin<Many>); };
    (@impl $verdict:ident $finding:ty) => {
        #[diagnostic::do_not_recommend]
        impl $verdict for $finding {
            type Accepted = ();
        }
    };
}

macro_rules! verdict {
    ($(#[$text:meta])* $verdict:ident accepts $($finding:ident)*) => {
        $(#[$text])*
        pub trait $verdict: Sized {
            /// Says that the finding is accepted.
            type Accepted;
            /// Accepts the finding.
            fn check(self) {}
        }
        accepts!($verdict: $($finding)*);
    };
}

/// A finding of type `A`, and that it is accepted.
pub struct Judged<A, V>(PhantomData<(A, V)>);

/// Judges a finding by all that the type of the result asks for: one expression for what is asked often. A
/// bound would say the same, and quote itself in each error.
pub fn judge<A, V>(_: A) -> Judged<A, V> {
    Judged(PhantomData)
}

macro_rules! together {
    ($($(#[$text:meta])* $set:ident: $($verdict:ident)*;)*) => {
        $(
            $(#[$text])*
            pub type $set<A> = Judged<A, ($(<A as $verdict>::Accepted,)*)>;
        )*
    };
}

together! {
    /// Of a statement.
    Statement: DiscardedFuture DiscardedGroup DetachedTask DetachedThread IgnoredResult;
    /// Of any other value that is dropped.
    Discarded: DiscardedFuture DiscardedGroup DetachedTask DetachedThread;
    /// Of a local that is never awaited.
    Forgotten: ForgottenFuture ForgottenTask ForgottenThread UndrainedGroup;
}

verdict! {
    /// A future that is dropped where it is made.
    #[diagnostic::on_unimplemented(
        message = "emissions::discarded_work: this future is dropped before it has run",
        label = "never awaited",
        note = "a future does nothing until it is awaited: what it stands for never happens",
        note = "write `.await?` behind it, or hand it to `ctx.spawn(…)`, which joins it before the listener counts as done",
        note = "to let go of it on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::discarded_work`"
    )]
    DiscardedFuture accepts nothing futures task tasks thread threads tracker idles twins
}

verdict! {
    /// A timer or a receiver that is named where it may have been meant to be awaited.
    #[diagnostic::on_unimplemented(
        message = "emissions::discarded_work: nobody waits for this",
        label = "never awaited",
        note = "naming it does not wait for it",
        note = "write `.await` behind it, or remove the line",
        note = "see `emissions::lint::discarded_work`"
    )]
    DiscardedSignal accepts unknown future futures task tasks thread threads tracker twin twins
}

verdict! {
    /// A group of work that is dropped where it is made.
    #[diagnostic::on_unimplemented(
        message = "emissions::discarded_work: these pieces of work are dropped and none of them is awaited",
        label = "never awaited",
        note = "the listener would count as done, and the gate open, without them",
        note = "await each of them, or all at once: `try_join_all(…).await?`",
        note = "to let go of one on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::discarded_work`"
    )]
    DiscardedGroup accepts nothing future task thread tracker idle twin
}

verdict! {
    /// A task handle that is dropped where the task is started.
    #[diagnostic::on_unimplemented(
        message = "emissions::detached_task: this task is started and nobody joins it",
        label = "its handle is dropped here",
        note = "the task runs on after the listener has returned: its failure and its panics are lost",
        note = "await the handle: `task.await??`, or start it with `ctx.spawn(…)`, which joins it before the listener counts as done",
        note = "to let go of it on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::detached_task`"
    )]
    DetachedTask accepts nothing future futures tasks thread threads tracker idle idles twin twins
}

verdict! {
    /// A thread handle that is dropped where the thread is started.
    #[diagnostic::on_unimplemented(
        message = "emissions::detached_task: this thread is started and nobody joins it",
        label = "its handle is dropped here",
        note = "the thread runs on after the listener has returned: its panics are lost",
        note = "use `tokio::task::spawn_blocking(…).await?`, or `std::thread::scope`, which joins what it starts",
        note = "to let go of work on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::detached_task`"
    )]
    DetachedThread accepts nothing future futures task tasks threads tracker idle idles twin twins
}

verdict! {
    /// A result nobody looks at.
    #[diagnostic::on_unimplemented(
        message = "emissions::ignored_result: this statement may fail and nobody looks at its result",
        label = "the error is lost here",
        note = "the listener would count as done, and the gate open, over an error",
        note = "hand it on with `?`, or handle it: `if let Err(error) = … {{ … }}`",
        note = "to accept it in this listener: `allow(ignored_result, reason = \"…\")`; see `emissions::lint::ignored_result`"
    )]
    IgnoredResult accepts clear signal future futures task tasks thread threads tracker idle idles twin twins
}

verdict! {
    /// A local future that is never awaited.
    #[diagnostic::on_unimplemented(
        message = "emissions::forgotten_work: this listener prepares work and never awaits it",
        label = "still pending when it goes out of scope",
        note = "a future does nothing until it is awaited: what it stands for never happens",
        note = "await it, join it with others, or hand it to `ctx.spawn(…)`",
        note = "to let go of it on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::forgotten_work`"
    )]
    ForgottenFuture accepts nothing futures task tasks thread threads tracker idle idles twins
}

verdict! {
    /// A local task handle that is never joined.
    #[diagnostic::on_unimplemented(
        message = "emissions::forgotten_work: this listener starts a task and never joins it",
        label = "still running when it goes out of scope",
        note = "the listener would count as done, and the gate open, while the task runs",
        note = "await the handle: `task.await??`, or hand it to `ctx.track(…)`",
        note = "to let go of work on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::forgotten_work`"
    )]
    ForgottenTask accepts nothing future futures tasks thread threads tracker idle idles twin twins
}

verdict! {
    /// A local thread handle that is never joined.
    #[diagnostic::on_unimplemented(
        message = "emissions::forgotten_work: this listener starts a thread and never joins it",
        label = "still running when it goes out of scope",
        note = "the listener would count as done, and the gate open, while the thread runs",
        note = "use `tokio::task::spawn_blocking(…).await?`, or `std::thread::scope`, which joins what it starts",
        note = "to let go of work on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::forgotten_work`"
    )]
    ForgottenThread accepts nothing future futures task tasks threads tracker idle idles twin twins
}

verdict! {
    /// A local group that is never drained, or in part.
    #[diagnostic::on_unimplemented(
        message = "emissions::undrained_group: work is collected here and not all of it is awaited",
        label = "holds pending work when it goes out of scope",
        note = "the listener would count as done, and the gate open, without what is left in it",
        note = "drain it: `while let Some(done) = group.next().await {{ … }}`, or join it: `try_join_all(group).await?`",
        note = "to let go of one piece on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::undrained_group`"
    )]
    UndrainedGroup accepts nothing future task thread idle idles twin
}

verdict! {
    /// A local group that has been read in part: what comes one by one may be left.
    #[diagnostic::on_unimplemented(
        message = "emissions::undrained_group: work is collected here and not all of it is awaited",
        label = "holds pending work when it goes out of scope",
        note = "the listener would count as done, and the gate open, without what is left in it",
        note = "drain it: `while let Some(done) = group.next().await {{ … }}`, or join it: `try_join_all(group).await?`",
        note = "to let go of one piece on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::undrained_group`"
    )]
    HalfDrained accepts nothing sequence future task thread idle idles twin
}

verdict! {
    /// Pending work that is replaced.
    #[diagnostic::on_unimplemented(
        message = "emissions::overwritten_work: pending work is replaced here before it was awaited",
        label = "what was pending until now is lost",
        note = "only the last one would be awaited: the listener would count as done without the others",
        note = "await the first before, or keep both: push them into a `JoinSet` and drain it",
        note = "to let go of work on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::overwritten_work`"
    )]
    OverwrittenWork accepts nothing idle idles twin twins
}

verdict! {
    /// Pending work that is awaited on some paths only.
    #[diagnostic::on_unimplemented(
        message = "emissions::escaping_path: the listener can leave here with work still pending",
        label = "on this path the work is never awaited",
        note = "it is awaited on other paths only; on this one the gate would open without it",
        note = "await it before leaving, or start it after the last way out",
        note = "to let go of work on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::escaping_path`"
    )]
    EscapingPath accepts nothing idle idles twin twins
}

verdict! {
    /// The same of a group that has been read in part: what comes one by one may be left.
    #[diagnostic::on_unimplemented(
        message = "emissions::escaping_path: the listener can leave here with work still pending",
        label = "on this path the work is never awaited",
        note = "it is awaited on other paths only; on this one the gate would open without it",
        note = "await it before leaving, or start it after the last way out",
        note = "to let go of work on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::escaping_path`"
    )]
    EscapingHalf accepts nothing sequence idle idles twin twins
}

verdict! {
    /// Pending work that some paths to the end of its scope do not await.
    #[diagnostic::on_unimplemented(
        message = "emissions::escaping_path: this work is awaited on some paths only",
        label = "may still be pending when it goes out of scope",
        note = "on the other paths the listener would count as done, and the gate open, without it",
        note = "await it on every path, or start it where it is awaited",
        note = "to let go of work on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::escaping_path`"
    )]
    PartlyAwaited accepts nothing futures tasks threads tracker idle idles twin twins
}

verdict! {
    /// A task that is asked to stop and never joined.
    #[diagnostic::on_unimplemented(
        message = "emissions::aborted_task: this task is aborted and never joined",
        label = "may still be running when it goes out of scope",
        note = "`abort` only asks: the task ends at its next await, and blocking work does not end at all",
        note = "await the handle behind it: `task.abort();` and then `let _ = task.await;`",
        note = "see `emissions::lint::aborted_task`"
    )]
    AbortedTask accepts nothing future futures tasks thread threads tracker idle idles twin twins
}

verdict! {
    /// A join handle given to `select!` by value.
    #[diagnostic::on_unimplemented(
        message = "emissions::raced_handle: this task runs on when another branch of `select!` wins",
        label = "its handle is dropped when it loses",
        note = "dropping the handle does not stop the task",
        note = "race it by reference, `done = &mut task => …`, and abort and join it in the branches where it has lost",
        note = "see `emissions::lint::raced_handle`"
    )]
    RacedHandle accepts nothing leashed future futures tracker idle idles twin twins
}

verdict! {
    /// Running tasks that a loop leaves behind.
    #[diagnostic::on_unimplemented(
        message = "emissions::undrained_group: this leaves running tasks behind that nobody joins",
        label = "what was not read yet is let go of",
        note = "the listener would count as done, and the gate open, while they run",
        note = "read to the end, or stop the rest and wait for it: `set.shutdown().await`",
        note = "see `emissions::lint::undrained_group`"
    )]
    CutShort accepts nothing future futures idle idles twin twins
}

verdict! {
    /// Work given to a macro that nobody named.
    #[diagnostic::on_unimplemented(
        message = "emissions::opaque_macro: this work goes into a macro that may not await it",
        label = "nobody can tell what the macro does with it",
        note = "a macro that awaits and one that discards look alike from outside",
        note = "await it yourself, or say that the macro does: `awaits(the_macro)` in the listener's attribute",
        note = "to let go of it on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::opaque_macro`"
    )]
    OpaqueMacro accepts nothing
}

verdict! {
    /// Work given to a function that nobody named.
    #[diagnostic::on_unimplemented(
        message = "emissions::opaque_consumer: this work goes into a function that gives nothing back to await",
        label = "nobody can tell what the function does with it",
        note = "a function that hands work on and one that drops it look alike from outside",
        note = "await what it returns, or say that it takes the work over: `consumes(the_function)` in the listener's attribute",
        note = "to let go of it on purpose: `ctx.detach(\"reason\", …)`; see `emissions::lint::opaque_consumer`"
    )]
    OpaqueConsumer accepts nothing
}

verdict! {
    /// A running task that a failing step in between leaves behind.
    #[diagnostic::on_unimplemented(
        message = "emissions::question_mark_before_join: when this fails, a task started before runs on unjoined",
        label = "leaves with a task still running",
        note = "`strict` asks that a task is joined on every path, errors included",
        note = "join the task before, or keep the error and hand it on after the join",
        note = "see `emissions::lint::question_mark_before_join`"
    )]
    QuestionMarkBeforeJoin accepts nothing future futures tracker idle idles twin twins
}
