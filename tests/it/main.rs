//! Behaviour of the library as its users see it.

mod event_expansion;
mod wire;
