//! A gate that stayed shut.

use std::{error::Error, fmt, sync::Arc};

use uuid::Uuid;

use super::{
    Gate,
    report::{GateReport, Outcome, ParticipantReport},
};
use crate::{
    Emissions,
    dispatch::{self, Cause, Held},
    envelope::{AttributeError, Envelope, Redacted},
    event::Event,
};

/// Why `emit_async` gave no [`Gate`]. Owns the event.
///
/// `Display` is an account of several lines; [`failures`](Self::failures) has the parts.
#[must_use = "the gate stayed shut: somebody has to know"]
#[non_exhaustive]
pub enum GateError<E: Event> {
    /// Participants failed, panicked, timed out or could not be called.
    Failed(ShutGate<E>),
    /// Fewer gate participants exist than the event asks for (one, unless it says otherwise).
    NoListener(ShutGate<E>),
    /// The event is a bulk event with an empty collection, and says `on_empty = "refuse"`.
    EmptyBulk(ShutGate<E>),
    /// `shutdown` was called before.
    ShutDown(ShutGate<E>),
    /// Metadata given to the emission can't become an attribute.
    InvalidAttribute(ShutGate<E>, AttributeError),
    /// Events emitted by listeners of events emitted by listeners, and so on, past the limit.
    CascadeTooDeep(ShutGate<E>, CascadeChain),
}

/// The event and the report of a gate that stayed shut.
pub struct ShutGate<E> {
    parts: Box<Parts<E>>,
}

struct Parts<E> {
    held: Held<E>,
    report: GateReport,
    required: u32,
    cause: Option<Cause>,
}

/// The events of a cascade, first one first.
#[derive(Clone, Debug)]
pub struct CascadeChain {
    pub(crate) steps: Vec<String>,
    pub(crate) limit: u16,
}

impl fmt::Display for CascadeChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the cascade is deeper than {}: {}", self.limit, self.steps.join(" -> "))
    }
}

impl<E> ShutGate<E> {
    pub(crate) fn new(held: Held<E>, report: GateReport, required: u32, cause: Option<Cause>) -> Self {
        Self { parts: Box::new(Parts { held, report, required, cause }) }
    }

    /// The event with its envelope.
    pub fn envelope(&self) -> &Envelope<E> {
        self.parts.held.get()
    }

    /// What each participant did.
    pub fn report(&self) -> &GateReport {
        &self.parts.report
    }
}

impl<E: Event> GateError<E> {
    fn shut(&self) -> &ShutGate<E> {
        match self {
            Self::Failed(shut)
            | Self::NoListener(shut)
            | Self::EmptyBulk(shut)
            | Self::ShutDown(shut)
            | Self::InvalidAttribute(shut, _)
            | Self::CascadeTooDeep(shut, _) => shut,
        }
    }

    fn into_shut(self) -> ShutGate<E> {
        match self {
            Self::Failed(shut)
            | Self::NoListener(shut)
            | Self::EmptyBulk(shut)
            | Self::ShutDown(shut)
            | Self::InvalidAttribute(shut, _)
            | Self::CascadeTooDeep(shut, _) => shut,
        }
    }

    /// The event.
    pub fn event(&self) -> &E {
        &self.envelope().payload
    }

    /// The event with its envelope.
    pub fn envelope(&self) -> &Envelope<E> {
        self.shut().envelope()
    }

    /// Identity of the event; a retry keeps it.
    pub fn event_id(&self) -> Uuid {
        self.envelope().event_id
    }

    /// Takes the event out.
    ///
    /// # Errors
    ///
    /// Observers that still run share the event: the error comes back whole.
    pub fn into_event(self) -> Result<E, Arc<Envelope<E>>> {
        self.into_shut().parts.held.into_inner().map(|envelope| envelope.payload)
    }

    /// What each participant did, those that succeeded included.
    pub fn report(&self) -> &GateReport {
        self.shut().report()
    }

    /// Every participant that kept the gate shut, sorted by identity.
    pub fn failures(&self) -> Vec<&ParticipantReport> {
        self.report().failures().collect()
    }

    /// Runs what failed once more, under the same `event_id` and with the same cause; what
    /// succeeded is not run again. Observers are not started again.
    ///
    /// # Errors
    ///
    /// As `emit_async`: the report covers all participants, from whichever run settled them.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels what runs; the event is dropped with it.
    #[must_use = "futures do nothing unless awaited"]
    pub fn retry_failed(self, emissions: &Emissions) -> impl Future<Output = Result<Gate<E>, Self>> + Send {
        // What is wrong with these is the event, so nobody is called now either.
        let retryable = !matches!(self, Self::InvalidAttribute(..) | Self::CascadeTooDeep(..) | Self::EmptyBulk(..));
        async move {
            if !retryable {
                return Err(self);
            }
            let parts = *self.into_shut().parts;
            dispatch::gate::retry(emissions, parts.held, parts.report, parts.cause).await
        }
    }
}

impl<E: Event> fmt::Display for GateError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let envelope = self.envelope();
        let (name, id) = (envelope.wire_type(), envelope.event_id);
        match self {
            Self::Failed(shut) => {
                let (failed, all) = (shut.report().failures().count(), shut.report().len());
                write!(f, "the gate of {name} ({id}) stayed shut: {failed} of {all} participants did not succeed")?;
                for participant in shut.report().failures() {
                    write!(f, "\n  {participant}")?;
                }
                Ok(())
            }
            Self::NoListener(shut) => {
                let (found, required) = (shut.report().len(), shut.parts.required);
                write!(
                    f,
                    "the gate of {name} ({id}) stayed shut: it needs {required} gate listener(s) and has {found}\n  \
                     if nobody has to listen, say `gate(allow_none)` on the event"
                )
            }
            Self::EmptyBulk(_) => {
                let field = E::descriptor().bulk.map_or("the collection", |bulk| bulk.field);
                write!(f, "the gate of {name} ({id}) stayed shut: `{field}` is empty, and the event refuses that")
            }
            Self::ShutDown(_) => write!(f, "{name} ({id}) was not emitted: the emissions are shut down"),
            Self::InvalidAttribute(_, error) => write!(f, "{name} ({id}) was not emitted: {error}"),
            Self::CascadeTooDeep(_, chain) => write!(f, "{name} ({id}) was not emitted: {chain}"),
        }
    }
}

impl<E: Event> fmt::Debug for GateError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}\n  event: {:?}", Redacted(self.event()))
    }
}

impl<E: Event> Error for GateError<E> {
    /// The error of the first participant that failed; [`failures`](Self::failures) has them all.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.report().failures().find_map(|participant| match &participant.outcome {
            Outcome::Failed(error) => Some(&**error as &(dyn Error + 'static)),
            _ => None,
        })
    }
}
