//! What is known by name: methods of locals, macros, functions.
//!
//! Only calls in bodies are known by name; what a value is, its type says.

/// Look at a value and leave it as it is.
pub(super) const INSPECTORS: &[&str] = &[
    "len",
    "is_empty",
    "is_finished",
    "id",
    "abort",
    "abort_all",
    "abort_handle",
    "enable",
    "size_hint",
    "close",
    "reopen",
    "is_closed",
    "contains_key",
    "contains",
    "capacity",
    "is_some",
    "is_none",
    "is_ok",
    "is_err",
    "is_terminated",
    "is_pending",
    "is_ready",
    "keys",
    "thread",
    "as_ref",
    "as_deref",
    "as_slice",
    "iter",
    "values",
    "get",
    "first",
    "last_key_value",
    "first_key_value",
    "front",
    "back",
    "peek",
    "reserve",
    "shrink_to_fit",
    "reverse",
    "swap",
    "rotate_left",
    "rotate_right",
    "retain",
    "token",
    "to_string",
    "type_id",
    "is_some_and",
    "is_none_or",
    "is_ok_and",
    "abort_handles",
    "remote_abort",
    "borrow",
    "hash",
    "eq",
    "ne",
    "fmt",
    "as_ptr",
];

/// Those of the inspectors that give what is there to a closure, by value.
pub(super) const CONDITIONS: &[&str] = &["is_some_and", "is_none_or", "is_ok_and"];

/// Put something into a group.
pub(super) const FILLERS: &[&str] = &[
    "push",
    "push_back",
    "push_front",
    "insert",
    "extend",
    "append",
    "spawn",
    "spawn_on",
    "spawn_local",
    "spawn_local_on",
    "spawn_blocking",
    "spawn_blocking_on",
    "spawn_named",
    "replace",
    "get_or_insert",
    "get_or_insert_with",
    "entry",
    "add",
    "enqueue",
    "set",
    "resize_with",
    "try_insert",
];

/// Take one piece out of a group and leave the others.
pub(super) const READERS: &[&str] = &[
    "next",
    "try_next",
    "join_next",
    "try_join_next",
    "join_next_with_id",
    "try_join_next_with_id",
    "select_next_some",
    "pop",
    "pop_front",
    "pop_back",
    "pop_first",
    "pop_last",
    "remove",
    "swap_remove",
    "poll_next",
    "poll_join_next",
    "next_back",
    "nth",
    "peek_mut",
    "get_mut",
    "first_mut",
    "last_mut",
    "remove_entry",
    "try_poll_next",
];

/// Take one piece out if it happens to be ready: their `None` does not say that the group is empty.
pub(super) const SAMPLERS: &[&str] = &["try_join_next", "try_join_next_with_id", "try_recv"];

/// Those of the readers that look for a piece: their `None` does not say that the group is empty.
pub(super) const PICKERS: &[&str] = &["remove", "swap_remove", "get_mut", "remove_entry", "nth", "peek_mut"];

/// Throw away what a group holds.
pub(super) const CLEARERS: &[&str] = &["clear", "truncate"];

/// Lead to the same value by reference.
pub(super) const PASSAGES: &[&str] = &[
    "as_mut",
    "by_ref",
    "as_deref_mut",
    "as_pin_mut",
    "iter_mut",
    "values_mut",
    "as_mut_slice",
    "borrow_mut",
    "get_pin_mut",
    "as_pin_ref",
];

/// Drop their receiver, or the work in it.
pub(super) const DISCARDERS: &[&str] =
    &["detach", "forget", "now_or_never", "count", "last", "leak", "min", "max", "detach_all", "into_raw"];

/// Those of the discarders that give nothing back.
pub(super) const DETACHERS: &[&str] = &["detach", "forget", "detach_all"];

/// Those of the discarders that are inspectors where their receiver is not an iterator.
pub(super) const TERMINALS: &[&str] = &["count", "last", "min", "max"];

/// Functions of which the result holds the futures that have lost.
pub(super) const RACES: &[&str] = &["select", "select_all", "select_ok", "try_select"];

/// Sync adapters of which each call gives up the rest of an iterator that was made by value.
pub(super) const LOSSY: &[&str] = &["take", "skip", "step_by", "take_while", "skip_while", "filter", "nth"];

/// Functions that drop their argument.
pub(super) const DROPPERS: &[&str] = &["drop", "forget"];

/// Free functions that drive what they are given.
pub(super) const DRIVERS: &[&str] = &["block_on", "block_in_place", "block_on_all", "run_until", "scope"];

/// Give back something of which the type is only fixed by its use.
pub(super) const POLYMORPHIC: &[&str] =
    &["parse", "into", "try_into", "collect", "sum", "product", "default", "from", "unwrap_or_default", "from_str"];

/// Traits and types of the standard library that say nothing of what `from` or `default` gives back.
pub(super) const GENERIC: &[&str] = &[
    "From", "Into", "TryFrom", "TryInto", "FromStr", "Iterator", "Box", "Rc", "Arc", "Cow", "Pin", "Cell", "RefCell",
    "Mutex", "RwLock", "OnceCell", "OnceLock", "Result", "Wrapping", "Cursor",
];

/// Give back plain data, whatever they are called on.
pub(super) const PLAIN_METHODS: &[&str] = &[
    "len",
    "is_empty",
    "is_some",
    "is_none",
    "is_ok",
    "is_err",
    "to_string",
    "to_owned",
    "as_str",
    "is_finished",
    "to_vec",
    "as_bytes",
    "trim",
    "starts_with",
    "ends_with",
    "contains",
    "contains_key",
    "size_hint",
    "elapsed",
    "to_lowercase",
    "to_uppercase",
    "abs",
];

/// Constructors of groups that hold nothing yet.
pub(super) const EMPTY_CONSTRUCTORS: &[&str] = &["new", "default", "with_capacity", "with_hasher"];

/// Types whose values hold nothing when they are made.
pub(super) const GROUPS: &[&str] = &[
    "Vec",
    "VecDeque",
    "HashMap",
    "BTreeMap",
    "HashSet",
    "BTreeSet",
    "BinaryHeap",
    "LinkedList",
    "JoinSet",
    "JoinMap",
    "FuturesUnordered",
    "FuturesOrdered",
    "SelectAll",
    "TaskTracker",
    "JoinQueue",
    "LocalSet",
    "StreamMap",
    "FxHashMap",
    "IndexMap",
    "SmallVec",
    "ArrayVec",
    "Option",
    "Slab",
    "StreamExt",
    "Default",
];

/// Leave the body, or never return.
pub(super) const DIVERGING_MACROS: &[&str] = &["panic", "unreachable", "todo", "unimplemented"];

/// Take their arguments by reference and print them.
pub(super) const FORMAT_MACROS: &[&str] = &[
    "println",
    "print",
    "eprintln",
    "eprint",
    "format",
    "format_args",
    "panic",
    "unreachable",
    "todo",
    "unimplemented",
    "assert",
    "debug_assert",
    "assert_eq",
    "assert_ne",
    "debug_assert_eq",
    "debug_assert_ne",
    "bail",
    "ensure",
    "anyhow",
    "eyre",
];

/// Macros of tracing and log: their own syntax, never awaiting.
pub(super) const LOG_MACROS: &[&str] =
    &["trace", "debug", "info", "warn", "error", "event", "span", "log", "log_enabled"];

/// Other macros of the standard library that never take work.
pub(super) const HARMLESS_MACROS: &[&str] = &[
    "concat",
    "stringify",
    "env",
    "option_env",
    "include_str",
    "include_bytes",
    "include",
    "cfg",
    "line",
    "column",
    "file",
    "module_path",
    "compile_error",
    "thread_local",
    "task_local",
    "offset_of",
    "addr_of",
    "addr_of_mut",
    "json",
    "const_format",
    "matches",
    "static_assertions",
    "macro_rules",
];

/// Macros that await their arguments.
pub(super) const JOIN_MACROS: &[&str] = &["join", "try_join"];

/// Macros that pin their argument.
pub(super) const PIN_MACROS: &[&str] = &["pin", "pin_mut"];

pub(super) fn one_of(list: &[&str], name: &str) -> bool {
    list.contains(&name)
}
