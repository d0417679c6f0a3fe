//! Resources and a stream for the cases in this folder.

use forwith::{AsyncExit, Outcome};
use futures::stream::{self, Stream};

/// A database that keeps its rows in memory.
pub struct Db {
    pub rows: Vec<u32>,
}

impl AsyncExit for Db {
    type Error = String;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), String> {
        Ok(())
    }
}

pub async fn connect() -> Result<Db, String> {
    Ok(Db {
        rows: vec![1, 2, 3],
    })
}

/// A transaction in a [`Db`].
pub struct Tx<'db>(pub &'db mut Db);

impl AsyncExit for Tx<'_> {
    type Error = String;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), String> {
        Ok(())
    }
}

pub async fn begin(db: &mut Db) -> Result<Tx<'_>, String> {
    Ok(Tx(db))
}

/// A resource whose error has another type.
pub struct Socket;

impl AsyncExit for Socket {
    type Error = std::io::Error;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), std::io::Error> {
        Ok(())
    }
}

pub async fn listen() -> Result<Socket, std::io::Error> {
    Ok(Socket)
}

pub fn numbers() -> impl Stream<Item = u32> + Unpin {
    stream::iter(0..10)
}
