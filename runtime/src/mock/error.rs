//! Errors of the pretend servers.

use std::fmt;

/// An error of a pretend server, or of the way there.
///
/// ```
/// use forwith_runtime::mock::Error;
///
/// assert_eq!(Error::Page(2).to_string(), "page 2 could not be fetched");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The URL names no mock database.
    Url {
        /// The URL.
        url: String,
        /// What must be changed.
        problem: &'static str,
    },
    /// The server refused the connection.
    Refused,
    /// The connection is closed.
    Closed,
    /// The server failed this request, and did nothing.
    Request(String),
    /// The transaction could not be committed; the server has rolled it back.
    Commit,
    /// The server did not confirm that the transaction was rolled back.
    Rollback,
    /// The server did not answer the goodbye.
    Teardown,
    /// This page, counted from 1, could not be fetched.
    Page(u32),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Url { url, problem } => write!(
                f,
                "`{url}` is no URL of a mock database: {problem}, as in `mock://db.somedomain.net`"
            ),
            Error::Refused => f.write_str("the server refused the connection"),
            Error::Closed => f.write_str("the connection is closed"),
            Error::Request(what) => write!(f, "the server failed the request `{what}`"),
            Error::Commit => {
                f.write_str("the transaction could not be committed, it was rolled back")
            }
            Error::Rollback => f.write_str("the server did not confirm the rollback"),
            Error::Teardown => f.write_str("the server did not answer the goodbye"),
            Error::Page(page) => write!(f, "page {page} could not be fetched"),
        }
    }
}

impl std::error::Error for Error {}
