//! An envelope on its way through dispatch.

use std::sync::Arc;

use crate::envelope::Envelope;

/// The envelope itself, or shared with observers.
#[expect(
    clippy::large_enum_variant,
    reason = "the large one is the hot one: boxing it would cost an allocation per emit"
)]
pub(crate) enum Held<E> {
    Alone(Envelope<E>),
    Shared(Arc<Envelope<E>>),
}

impl<E> Held<E> {
    pub(crate) fn new(envelope: Envelope<E>, shared: bool) -> Self {
        if shared { Self::Shared(Arc::new(envelope)) } else { Self::Alone(envelope) }
    }

    /// As it is, or shared from here on.
    pub(crate) fn shared_if(self, shared: bool) -> Self {
        match self {
            Self::Alone(envelope) if shared => Self::Shared(Arc::new(envelope)),
            as_it_is => as_it_is,
        }
    }

    #[inline]
    pub(crate) fn get(&self) -> &Envelope<E> {
        match self {
            Self::Alone(envelope) => envelope,
            Self::Shared(envelope) => envelope,
        }
    }

    /// The envelope, unless somebody else still holds it.
    pub(crate) fn into_inner(self) -> Result<Envelope<E>, Arc<Envelope<E>>> {
        match self {
            Self::Alone(envelope) => Ok(envelope),
            Self::Shared(envelope) => Arc::try_unwrap(envelope),
        }
    }
}
