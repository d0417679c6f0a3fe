//! An exit that went wrong.

use core::fmt;

/// What went wrong with an exit, where nobody is there to be given an error.
#[non_exhaustive]
pub struct ExitError<'a> {
    /// The name of the resource's type.
    pub resource: &'static str,
    /// What went wrong. A panic shows as its message.
    pub error: &'a dyn fmt::Debug,
    /// In what way.
    pub kind: ExitErrorKind,
}

/// In what way an exit went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitErrorKind {
    /// It failed after its body had failed, panicked or been cancelled, or in a reaper.
    Failed,
    /// It panicked, and gave way to an earlier panic; or it did so in a reaper.
    Panicked,
    /// It did not run: the future that held the resource was dropped outright, and no reaper took the exit.
    Lost,
    /// It did not run to its end, because it was dropped half-way.
    Cut,
}

impl fmt::Debug for ExitError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExitError")
            .field("resource", &self.resource)
            .field("error", self.error)
            .field("kind", &self.kind)
            .finish()
    }
}

impl fmt::Display for ExitError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ExitError {
            resource, error, ..
        } = self;
        match self.kind {
            ExitErrorKind::Failed => write!(f, "leaving {resource} failed: {error:?}"),
            ExitErrorKind::Panicked => write!(f, "leaving {resource} panicked: {error:?}"),
            ExitErrorKind::Lost => write!(
                f,
                "{resource} was not left: its future was dropped, and no reaper took the exit"
            ),
            ExitErrorKind::Cut => write!(f, "the exit of {resource} was dropped half-way"),
        }
    }
}
