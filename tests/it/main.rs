//! Behaviour of emissions. One binary: every further one is a link step.

mod gate;
mod registry;
mod support;
mod wire;
