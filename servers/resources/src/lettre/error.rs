//! The error of a mail.

use std::fmt;

use lettre::transport::smtp;

/// The error of a send, or of the exit of a transport.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The library's own error.
    Smtp(smtp::Error),
    /// The server has not answered so many mails before the exit gave up, or the runtime ended. It
    /// may have taken them.
    Unanswered(usize),
    /// The block of the transport has ended, and nothing was sent.
    Closed,
}

impl Error {
    /// Finds out whether this leaves open if the server has taken a mail: it has not answered.
    ///
    /// Then it may come twice if you send it again. Before the server was reached it is so as well,
    /// although nothing was sent: the library does not say how far it came.
    ///
    /// ```
    /// use forwith_resources::lettre::Error;
    ///
    /// assert!(Error::Unanswered(1).is_unknown());
    /// assert!(!Error::Closed.is_unknown());
    /// ```
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        match self {
            Error::Smtp(error) => {
                let is_known =
                    error.status().is_some() || error.is_client() || error.is_transport_shutdown();
                !is_known
            }
            Error::Unanswered(_) => true,
            Error::Closed => false,
        }
    }
}

impl From<smtp::Error> for Error {
    fn from(error: smtp::Error) -> Self {
        Error::Smtp(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Smtp(error) => error.fmt(f),
            Error::Unanswered(count) => write!(
                f,
                "the server has not answered: it is unknown whether it has taken {count} mail(s)"
            ),
            Error::Closed => f.write_str("the transport is closed, and the mail was not sent"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Smtp(error) => Some(error),
            Error::Unanswered(_) | Error::Closed => None,
        }
    }
}
