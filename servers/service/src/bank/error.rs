//! What can go wrong, and what the client is told.

use std::{fmt, io};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use redis::RedisError;

/// An error of a request.
#[derive(Debug)]
pub enum Error {
    /// It is the client's to mend.
    Refused(&'static str),
    /// The database.
    Sql(sqlx::Error),
    /// The server of the locks.
    Redis(RedisError),
    /// A file.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Refused(why) => f.write_str(why),
            Error::Sql(error) => error.fmt(f),
            Error::Redis(error) => error.fmt(f),
            Error::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Error::Sql(error)
    }
}

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        Error::Redis(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(error)
    }
}

impl IntoResponse for Error {
    /// Only a refusal says that nothing was done. Behind any other answer the client asks again,
    /// with the key that it has used.
    fn into_response(self) -> Response {
        let status = match self {
            Error::Refused(_) => StatusCode::CONFLICT,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, self.to_string()).into_response()
    }
}
