use std::error::Error;

use forwith::async_with;
use support::listen;

/// As `anyhow::Error` does, it converts every error.
struct AnyError;

impl<E: Error> From<E> for AnyError {
    fn from(_: E) -> Self {
        AnyError
    }
}

async fn any() -> Result<usize, AnyError> {
    async_with!(listen() as _socket, { 7 })
}

async fn boxed() -> Result<usize, Box<dyn Error>> {
    async_with!(listen() as _socket, { 7 })
}

async fn the_way() -> Result<usize, AnyError> {
    Ok(async_with!(listen() as _socket, { 7 })?)
}

fn main() {}
