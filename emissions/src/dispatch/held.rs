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
