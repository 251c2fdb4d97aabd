//! Stand-in.
/// Not public API. Used by generated code.
#[doc(hidden)]
pub type PlanOf = fn();
/// Not public API. Used by generated code.
#[doc(hidden)]
pub fn plan_of<E>() {}
