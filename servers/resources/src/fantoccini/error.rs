//! The error of a browser.

use std::fmt;
use std::time::Duration;

use fantoccini::error::{CmdError, NewSessionError};

/// The error of a block with a browser: one of the library's own, or a limit that is over.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The session was not created.
    NewSession(NewSessionError),
    /// A command failed, or the driver has not deleted the session.
    Command(CmdError),
    /// The driver has not created the session within this limit. It is deleted when it is there,
    /// as long as the runtime runs.
    NotConnected(Duration),
    /// The driver has not deleted the session within this limit. It is deleted when the command in
    /// front has ended, as long as the runtime runs.
    NotClosed(Duration),
}

impl From<NewSessionError> for Error {
    fn from(error: NewSessionError) -> Self {
        Error::NewSession(error)
    }
}

impl From<CmdError> for Error {
    fn from(error: CmdError) -> Self {
        Error::Command(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NewSession(error) => error.fmt(f),
            Error::Command(error) => error.fmt(f),
            Error::NotConnected(limit) => {
                write!(f, "the driver has not created a session after {limit:?}")
            }
            Error::NotClosed(limit) => {
                write!(f, "the driver has not deleted the session after {limit:?}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::NewSession(error) => Some(error),
            Error::Command(error) => Some(error),
            Error::NotConnected(_) | Error::NotClosed(_) => None,
        }
    }
}
