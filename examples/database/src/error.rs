//! The error of the program: one sentence.

use std::fmt;

/// What went wrong, in a sentence.
#[derive(Clone, Debug)]
pub struct Error(String);

impl Error {
    /// Makes an error of a sentence.
    pub fn new(sentence: impl fmt::Display) -> Self {
        Error(sentence.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<forwith_runtime::mock::Error> for Error {
    fn from(error: forwith_runtime::mock::Error) -> Self {
        Error::new(error)
    }
}
