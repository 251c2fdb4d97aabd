//! What is wrong with a registry, as a value.

use std::{error::Error, fmt};

use super::ViolationCode;
use crate::event::SourceLocation;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Violation {
    /// Its code.
    pub code: ViolationCode,
    /// The fact, in one line.
    pub fact: String,
    /// The places it is about; none where the builder is to blame.
    pub places: Vec<Place>,
    /// How to write it right.
    pub fix: String,
}

impl Violation {
    /// Path of the page that explains it in the documentation of this crate.
    pub fn doc_path(&self) -> &'static str {
        self.code.doc_path()
    }

    /// Where the source is to blame.
    pub fn locations(&self) -> impl Iterator<Item = SourceLocation> {
        self.places.iter().map(|place| place.location)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.fact)?;
        for place in &self.places {
            write!(f, "\n  at {place}")?;
        }
        write!(f, "\n  fix: {}", self.fix.replace('\n', "\n       "))?;
        write!(f, "\n  see: {}", self.doc_path())
    }
}

/// A place in the source, and what it has to do with a violation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Place {
    /// File, line and column.
    pub location: SourceLocation,
    /// What stands there; may be empty.
    pub note: String,
}

impl Place {
    pub(crate) fn new(location: SourceLocation, note: impl Into<String>) -> Self {
        Self { location, note: note.into() }
    }
}

impl From<SourceLocation> for Place {
    fn from(location: SourceLocation) -> Self {
        Self::new(location, "")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.location.fmt(f)?;
        if !self.note.is_empty() {
            write!(f, ": {}", self.note)?;
        }
        Ok(())
    }
}

/// Everything that is wrong, sorted by code, fact and place: the same text at every start of one
/// build, whatever the linker did.
///
/// Its `Display` is the whole report, of several lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "what is wrong is only known to this value"]
pub struct Violations {
    violations: Vec<Violation>,
}

/// The place of what is wrong with the builder's settings: none in the source.
pub(crate) const NOWHERE: [SourceLocation; 0] = [];

impl Violations {
    pub(crate) fn add<P: Into<Place>>(
        &mut self,
        code: ViolationCode,
        places: impl IntoIterator<Item = P>,
        fact: String,
        fix: impl Into<String>,
    ) {
        let places = places.into_iter().map(Into::into).collect();
        self.violations.push(Violation { code, fact, places, fix: fix.into() });
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
        let plural = if self.violations.len() == 1 { "" } else { "s" };
        write!(f, "{} violation{plural}", self.violations.len())?;
        for violation in &self.violations {
            write!(f, "\n\n{violation}")?;
        }
        Ok(())
    }
}

impl Error for Violations {}
