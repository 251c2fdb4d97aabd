//! What became of a batch, event by event.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use crate::{envelope::RawEnvelope, listener::BoxError};

/// What became of each event of a batch, in the order of the batch.
#[derive(Debug)]
#[must_use = "the pipeline has to know what became of the batch"]
pub struct Delivery {
    settlements: Vec<Settlement>,
}

/// What became of one event.
#[derive(Debug)]
#[non_exhaustive]
pub enum Settlement {
    /// The other side has it.
    Acked,
    /// Not this time: it may come again, unless its attempts are used up.
    Retry {
        /// Why.
        error: BoxError,
        /// How long the other side asks to be left alone.
        after: Option<Duration>,
    },
    /// Never: trying again can't help.
    Refused(BoxError),
}

impl Settlement {
    /// Not this time.
    pub fn retry(error: impl Into<BoxError>) -> Self {
        Self::Retry { error: error.into(), after: None }
    }

    /// Not before this time is over.
    pub fn retry_after(error: impl Into<BoxError>, after: Duration) -> Self {
        Self::Retry { error: error.into(), after: Some(after) }
    }

    /// Never.
    pub fn refused(error: impl Into<BoxError>) -> Self {
        Self::Refused(error.into())
    }

    /// Whether the other side has the event.
    pub fn is_acked(&self) -> bool {
        matches!(self, Self::Acked)
    }
}

impl Delivery {
    /// The other side has the whole batch.
    pub fn acked(batch: &[RawEnvelope]) -> Self {
        batch.iter().map(|_| Settlement::Acked).collect()
    }

    /// Nothing of the batch was taken this time, for one reason.
    pub fn retry(batch: &[RawEnvelope], error: impl Into<BoxError>) -> Self {
        Self::retry_shared(batch, error.into(), None)
    }

    /// Nothing of the batch was taken, and nothing will be before this time is over.
    pub fn retry_after(batch: &[RawEnvelope], error: impl Into<BoxError>, after: Duration) -> Self {
        Self::retry_shared(batch, error.into(), Some(after))
    }

    /// The whole batch is refused, for one reason.
    pub fn refused(batch: &[RawEnvelope], error: impl Into<BoxError>) -> Self {
        let error = Shared(Arc::from(error.into()));
        batch.iter().map(|_| Settlement::Refused(Box::new(error.clone()))).collect()
    }

    fn retry_shared(batch: &[RawEnvelope], error: BoxError, after: Option<Duration>) -> Self {
        let error = Shared(Arc::from(error));
        batch.iter().map(|_| Settlement::Retry { error: Box::new(error.clone()), after }).collect()
    }

    /// What became of each event, in the order of the batch.
    pub fn settlements(&self) -> &[Settlement] {
        &self.settlements
    }

    /// As [`settlements`](Self::settlements), taken out.
    pub fn into_settlements(self) -> Vec<Settlement> {
        self.settlements
    }
}

/// In the order of the batch.
impl FromIterator<Settlement> for Delivery {
    fn from_iter<I: IntoIterator<Item = Settlement>>(settlements: I) -> Self {
        Self { settlements: settlements.into_iter().collect() }
    }
}

/// One error that several events have in common.
#[derive(Clone)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
