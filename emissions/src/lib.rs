//! Typed events and their listeners.
