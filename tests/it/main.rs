//! Behaviour of emissions. One binary: every further one is a link step.

mod adapters;
mod buffer;
mod buffer_ambient;
mod buffer_endings;
mod buffer_hand_over;
mod buffer_routed;
mod gate;
mod pipeline;
mod pipeline_gate;
mod pipeline_routes;
mod registry;
mod support;
mod tower;
mod wire;
