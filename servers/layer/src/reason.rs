//! Why something was cancelled.

use std::fmt;

/// Why a request or a task was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The server dropped the request, because its client closed the connection, half-closed it
    /// (HTTP/1.1), or reset the stream (HTTP/2).
    ClientLeft,
    /// The time limit passed.
    TimeLimit,
    /// The server shuts down.
    Shutdown,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::ClientLeft => "the client left",
            Reason::TimeLimit => "the time limit passed",
            Reason::Shutdown => "the server shuts down",
        })
    }
}
