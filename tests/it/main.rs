//! Behaviour of emissions. One binary: every further one is a link step.

mod bulk;
mod cascade;
mod containment;
mod detached;
mod gate;
mod local_emit;
mod order;
mod registry;
mod roles;
mod selection;
mod shutdown;
mod start;
mod structured;
mod subscribe;
mod support;
mod telemetry;
mod time;
mod wire;
