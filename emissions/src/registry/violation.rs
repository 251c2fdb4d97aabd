//! What is wrong with a registry, as a value.

use std::{error::Error, fmt};

use crate::event::SourceLocation;

/// Codes of violations; stable, so that they can be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ViolationCode {
    /// Two events have one wire name and version.
    SharedWireName,
    /// Two listeners have one identity.
    SharedListenerId,
    /// A listener's event is not registered.
    UnregisteredEvent,
    /// A listener comes after one that does not listen to the same event in the same role.
    AfterStranger,
    /// Listeners come after each other in a circle.
    AfterCycle,
    /// An event asks for more gate listeners than there are.
    TooFewGateListeners,
    /// A linked crate contributed nothing.
    EmptyLink,
    /// A dependency of a listener was not provided.
    MissingDependency,
    /// A type was provided more than once.
    RepeatedDependency,
    /// A setting of the builder can't be used.
    InvalidSetting,
    /// One field name has two types.
    FieldTypeClash,
    /// One field name has two meanings.
    FieldMeaningClash,
    /// A shared field is used under another name.
    SharedFieldMisnamed,
    /// The pattern of a listener is none.
    InvalidPattern,
    /// Attempts, limits and pauses of a listener do not fit together.
    ImpossibleBudget,
    /// A route leads to an adapter that is none.
    UnknownAdapter,
    /// No route leads to an adapter.
    UnroutedAdapter,
    /// Two adapters have one name.
    RepeatedAdapter,
    /// An event asks for more than an adapter on its route can give.
    WeakRoute,
}

impl ViolationCode {
    /// The code as text, such as `EM0001`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SharedWireName => "EM0001",
            Self::SharedListenerId => "EM0002",
            Self::UnregisteredEvent => "EM0003",
            Self::AfterStranger => "EM0004",
            Self::AfterCycle => "EM0005",
            Self::TooFewGateListeners => "EM0006",
            Self::EmptyLink => "EM0007",
            Self::MissingDependency => "EM0008",
            Self::RepeatedDependency => "EM0009",
            Self::InvalidSetting => "EM0010",
            Self::FieldTypeClash => "EM0011",
            Self::FieldMeaningClash => "EM0012",
            Self::SharedFieldMisnamed => "EM0013",
            Self::InvalidPattern => "EM0014",
            Self::ImpossibleBudget => "EM0015",
            Self::UnknownAdapter => "EM0016",
            Self::UnroutedAdapter => "EM0017",
            Self::RepeatedAdapter => "EM0018",
            Self::WeakRoute => "EM0019",
        }
    }
}

impl fmt::Display for ViolationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Violation {
    /// Its code.
    pub code: ViolationCode,
    /// The fact, in one line.
    pub fact: String,
    /// The places it is about.
    pub locations: Vec<SourceLocation>,
    /// How to write it right.
    pub fix: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.fact)?;
        for location in &self.locations {
            write!(f, "\n  at {location}")?;
        }
        write!(f, "\n  {}", self.fix)
    }
}

/// Everything that is wrong, sorted by code, fact and place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    violations: Vec<Violation>,
}

impl Violations {
    pub(crate) fn add(
        &mut self,
        code: ViolationCode,
        locations: impl IntoIterator<Item = SourceLocation>,
        fact: String,
        fix: impl Into<String>,
    ) {
        let locations = locations.into_iter().collect();
        self.violations.push(Violation { code, fact, locations, fix: fix.into() });
    }

    /// Every violation, sorted.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.violations.iter()
    }

    /// Number of violations.
    pub fn len(&self) -> usize {
        self.violations.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.violations.is_empty()
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.violations.extend(other.violations);
    }

    /// Nothing, or everything that is wrong.
    ///
    /// # Errors
    ///
    /// Itself, unless it is empty.
    pub fn into_result(mut self) -> Result<(), Self> {
        self.violations.sort();
        self.violations.dedup();
        if self.violations.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} violation(s)", self.violations.len())?;
        for violation in &self.violations {
            write!(f, "\n{violation}")?;
        }
        Ok(())
    }
}

impl Error for Violations {}
