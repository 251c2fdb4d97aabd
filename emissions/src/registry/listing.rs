//! The registry as text: the same at every run of one build.

use std::fmt;

use super::{ListenerDescriptor, ListensTo, Registry};

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines { f, first: true };
        for event in self.events() {
            lines.line(format_args!("{} = {} at {}", event.wire_type(), event.rust_path, event.location))?;
            for listener in self.listeners_of(event) {
                lines.line(format_args!("  {}", Listed(listener)))?;
            }
        }
        let deaf =
            |listener: &&&ListenerDescriptor| !self.events().iter().any(|event| listener.listens_to.matches(event));
        for listener in self.listeners().iter().filter(deaf) {
            lines.line(format_args!("{}, which hears nothing", Listed(listener)))?;
        }
        for link in self.links() {
            lines.line(format_args!("link {} at {}", link.plain_name(), link.location))?;
        }
        Ok(())
    }
}

/// As `Display`: descriptors hold functions, whose addresses differ between runs.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Lines without a line break behind the last.
struct Lines<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    first: bool,
}

impl Lines<'_, '_> {
    fn line(&mut self, line: fmt::Arguments<'_>) -> fmt::Result {
        if !std::mem::take(&mut self.first) {
            self.f.write_str("\n")?;
        }
        self.f.write_fmt(line)
    }
}

struct Listed<'a>(&'a ListenerDescriptor);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(listener) = self;
        write!(f, "{} {}", listener.role, listener.id())?;
        if let ListensTo::Pattern(pattern) = listener.listens_to {
            write!(f, " ({pattern})")?;
        }
        write!(f, " at {}", listener.location)
    }
}
