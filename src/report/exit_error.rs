//! An exit that went wrong.

use core::error::Error;
use core::fmt::{self, Debug};

/// What went wrong with an exit, where no caller can be given the error.
///
/// It is displayed as a sentence, such as `the exit of app::Transaction failed: BrokenPipe`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ExitError<'a> {
    /// The exit failed in a reaper, or after its body had failed, panicked or been cancelled.
    Failed {
        /// The name of the resource's type.
        resource: &'static str,
        /// The exit's error.
        error: &'a dyn Debug,
    },
    /// The exit panicked in a reaper, or while an earlier panic was under way.
    Panicked {
        /// The name of the resource's type.
        resource: &'static str,
        /// The panic's message. It is empty when the payload is no text.
        message: &'a str,
    },
    /// The exit never began: the future with the resource was dropped, and no reaper took the exit.
    /// Either none is installed, or the exit borrows, and only one that owns all it needs can be
    /// handed over: that of an [`OwnedExit`](crate::OwnedExit) or of an
    /// [`owned_resource_fn`](crate::resource::owned_resource_fn).
    Lost {
        /// The name of the resource's type.
        resource: &'static str,
    },
    /// The exit began, and was dropped before its end.
    Cut {
        /// The name of the resource's type.
        resource: &'static str,
    },
    /// The exit took longer than its reaper allows
    /// ([`exit_limit`](crate::reaper::Reaper::exit_limit)), and was dropped before its end. An enter
    /// that went on there is told of like this, too.
    Hung {
        /// The name of the resource's type.
        resource: &'static str,
    },
}

impl ExitError<'_> {
    /// The name of the resource's type, with its modules.
    #[must_use]
    pub const fn resource(&self) -> &'static str {
        match self {
            ExitError::Failed { resource, .. }
            | ExitError::Panicked { resource, .. }
            | ExitError::Lost { resource }
            | ExitError::Cut { resource }
            | ExitError::Hung { resource } => resource,
        }
    }
}

impl fmt::Display for ExitError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitError::Failed { resource, error } => {
                write!(f, "the exit of {resource} failed: {error:?}")
            }
            ExitError::Panicked { resource, message } => {
                write!(f, "the exit of {resource} panicked: {message:?}")
            }
            ExitError::Lost { resource } => write!(
                f,
                "{resource} was not exited: its future was dropped, and no reaper took the exit \
                 (one that is installed takes an exit that owns all it needs, such as that of an \
                 `OwnedExit` or an `owned_resource_fn`)"
            ),
            ExitError::Cut { resource } => {
                write!(f, "the exit of {resource} was dropped half-way")
            }
            ExitError::Hung { resource } => write!(
                f,
                "the exit of {resource} took longer than its reaper allows, and was dropped"
            ),
        }
    }
}

impl Error for ExitError<'_> {}
