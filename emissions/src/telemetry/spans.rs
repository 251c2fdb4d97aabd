//! Spans, with the attribute names of OpenTelemetry's messaging conventions (semconv 1.27).

use tracing::{Span, field::Empty};

use super::TARGET;
use crate::envelope::EnvelopeHead;

/// The span of one emit.
#[inline]
pub(crate) fn emit_span(event: &'static str, operation: &'static str, head: &EnvelopeHead) -> Span {
    // One load decides, as long as no subscriber is interested.
    if tracing::enabled!(target: TARGET, tracing::Level::INFO) {
        enabled_emit_span(event, operation, head)
    } else {
        Span::none()
    }
}

#[cold]
fn enabled_emit_span(event: &'static str, operation: &'static str, head: &EnvelopeHead) -> Span {
    tracing::info_span!(
        target: TARGET,
        "emit",
        otel.name = format_args!("send {event}"),
        otel.kind = "producer",
        otel.status_code = Empty,
        error.type = Empty,
        messaging.system = "emissions",
        messaging.operation.name = operation,
        messaging.operation.type = "send",
        messaging.destination.name = event,
        messaging.message.id = %head.event_id,
        messaging.message.conversation_id = %head.correlation_id,
    )
}

/// The span of one listener's run, retries included.
#[inline]
pub(crate) fn listener_span(parent: &Span, event: &'static str, listener: &'static str, head: &EnvelopeHead) -> Span {
    if parent.is_none() { Span::none() } else { enabled_listener_span(parent, event, listener, head) }
}

#[cold]
fn enabled_listener_span(parent: &Span, event: &'static str, listener: &'static str, head: &EnvelopeHead) -> Span {
    tracing::info_span!(
        target: TARGET,
        parent: parent,
        "listener",
        otel.name = format_args!("process {event}"),
        otel.kind = "consumer",
        otel.status_code = Empty,
        error.type = Empty,
        messaging.system = "emissions",
        messaging.operation.name = "listener",
        messaging.operation.type = "process",
        messaging.destination.name = event,
        messaging.consumer.group.name = listener,
        messaging.message.id = %head.event_id,
        messaging.message.conversation_id = %head.correlation_id,
    )
}

/// The span of work in another task, below the listener that began it.
pub(crate) fn worker_span(listener: &'static str, reason: &'static str) -> Span {
    tracing::info_span!(target: TARGET, "detached", otel.name = "detached", listener, reason)
}

/// Marks a span as failed; the word is one of a fixed few.
pub(crate) fn failed(span: &Span, why: &'static str) {
    if !span.is_none() {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", why);
    }
}
