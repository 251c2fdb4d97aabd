//! How a transport names and writes the headers of binary mode.

use std::borrow::Cow;

/// The protocol binding that says how attributes become headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Binding {
    /// HTTP Protocol Binding 1.0.2, section 3.1: `ce-`, values percent-encoded, names in any case.
    Http,
    /// NATS Protocol Binding, section 3.1 of its draft for 1.0.3 (1.0.2 has no binary mode): `ce-`,
    /// values percent-encoded, names in any case, and the content type is `ce-datacontenttype`.
    /// `content-type` is read as well.
    Nats,
    /// Kafka Protocol Binding 1.0.2, section 3.2: `ce_`, values in UTF-8.
    Kafka,
    /// AMQP 1.0 Protocol Binding 1.0.2, section 3.1: application properties `cloudEvents:`.
    /// `cloudEvents_` is read as well. `content-type` is the message's own property.
    Amqp,
    /// The same, written as `cloudEvents_`, which JMS clients can read.
    AmqpUnderscore,
    /// RabbitMQ (AMQP 0-9-1), for which there is no binding: `ce-` as the SDKs write it, values in
    /// UTF-8. `content-type` is the message's own property.
    RabbitMq,
}

impl Binding {
    /// What stands before the name of an attribute.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Http | Self::Nats | Self::RabbitMq => "ce-",
            Self::Kafka => "ce_",
            Self::Amqp => "cloudEvents:",
            Self::AmqpUnderscore => "cloudEvents_",
        }
    }

    /// The attribute that a header carries, if it carries one.
    pub(super) fn attribute(self, header: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Http | Self::Nats => {
                let (prefix, name) = header.split_at_checked(self.prefix().len())?;
                prefix.eq_ignore_ascii_case(self.prefix()).then(|| {
                    if name.bytes().any(|b| b.is_ascii_uppercase()) {
                        Cow::Owned(name.to_ascii_lowercase())
                    } else {
                        Cow::Borrowed(name)
                    }
                })
            }
            Self::Kafka | Self::RabbitMq => header.strip_prefix(self.prefix()).map(Cow::Borrowed),
            Self::Amqp | Self::AmqpUnderscore => {
                header.strip_prefix("cloudEvents").and_then(|rest| rest.strip_prefix([':', '_'])).map(Cow::Borrowed)
            }
        }
    }

    pub(super) fn escapes_values(self) -> bool {
        matches!(self, Self::Http | Self::Nats)
    }

    pub(super) fn prefixes_content_type(self) -> bool {
        matches!(self, Self::Nats)
    }
}
