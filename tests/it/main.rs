//! Behaviour of emissions. One binary: every further one is a link step.

mod event_expansion;
mod gate;
mod support;
