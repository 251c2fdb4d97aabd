//! Behaviour of emissions. One binary: every further one is a link step.

mod adapters;
mod gate;
mod pipeline;
mod pipeline_gate;
mod pipeline_routes;
mod registry;
mod support;
mod wire;
