//! Commits of which the end is not known.

use std::error::Error as StdError;
use std::{fmt, io};

use sqlx::Error;

/// A commit that was sent, and that the server has not answered.
///
/// The transaction is committed, or it is not. Ask the server before you do it again, for example
/// for a key that you have written in it.
///
/// It is the inner error of an [`Error::Io`], since the errors of the resources are those of sqlx.
///
/// ```
/// use forwith_resources::sqlx::CommitUnknown;
///
/// let error = sqlx::Error::PoolTimedOut;
/// assert!(CommitUnknown::of(&error).is_none());
/// ```
///
/// A commit that is *cut*, because the [reaper](forwith::reaper) drops it or there is none, has
/// nobody to give an error to. It counts as lost, and the
/// [hook](forwith::report::set_hook) is told of it.
#[derive(Debug)]
pub struct CommitUnknown(Error);

impl CommitUnknown {
    /// Finds out whether an error is one of these.
    #[must_use]
    pub fn of(error: &Error) -> Option<&Self> {
        let Error::Io(error) = error else { return None };
        error.get_ref()?.downcast_ref()
    }

    /// Wraps the error of a commit, unless the server has said that it failed.
    pub(super) fn wrap(error: Error) -> Error {
        let is_answer = match &error {
            // The server says why it hangs up: classes 08 and 57P. That is no answer.
            Error::Database(error) => {
                let code = error.code();
                let code = code.as_deref().unwrap_or_default();
                !code.starts_with("08") && !code.starts_with("57P")
            }
            _ => false,
        };
        if is_answer {
            return error;
        }
        let kind = match &error {
            Error::Io(error) => error.kind(),
            _ => io::ErrorKind::Other,
        };
        Error::Io(io::Error::new(kind, CommitUnknown(error)))
    }
}

impl fmt::Display for CommitUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "it is unknown whether the transaction was committed: {}",
            self.0
        )
    }
}

impl StdError for CommitUnknown {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}
