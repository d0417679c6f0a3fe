//! What the compiler accepts, and what it says about misuse. The library has resources and a
//! stream for the cases.
//!
//! - `fail/` has a file for each kind of misuse and beside it the compiler's messages, which
//!   `misuse.rs` compares.
//! - `pass/` has code that must compile and run.
//! - `warned/` has a program that must work although the compiler warns of it.
#![allow(
    clippy::missing_errors_doc,
    clippy::unused_async,
    reason = "the cases enter `async` functions that return a `Result`"
)]

use forwith::{AsyncExit, Outcome};
use futures::stream::{self, Stream};

/// A database that keeps its rows in memory.
pub struct Db {
    /// All rows.
    pub rows: Vec<u32>,
}

impl AsyncExit for Db {
    type Error = String;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// Connects at once.
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

/// Begins a transaction.
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

/// Opens a socket.
pub async fn listen() -> Result<Socket, std::io::Error> {
    Ok(Socket)
}

/// The numbers from 0 to 9.
pub fn numbers() -> impl Stream<Item = u32> + Unpin {
    stream::iter(0..10)
}

/// Hidden labels keep their jumps. A doc test, because those hide the compiler's warnings.
#[cfg(doctest)]
#[doc = concat!("```\n", include_str!("warned/hidden-labels.rs"), "```")]
mod hidden_labels {}

/// In a crate of an older edition, too, a body drops the temporaries of its last expression before
/// its locals. A doc test, because those have an edition of their own.
///
/// ```edition2021
/// use std::cell::RefCell;
///
/// use forwith::{async_for, async_with};
/// use futures::executor::block_on;
/// use futures::stream;
/// use support::connect;
///
/// /// Notes when it is dropped.
/// struct Noted<'a>(&'static str, &'a RefCell<Vec<&'static str>>);
///
/// impl Noted<'_> {
///     fn touch(&self) {}
/// }
///
/// impl Drop for Noted<'_> {
///     fn drop(&mut self) {
///         self.1.borrow_mut().push(self.0);
///     }
/// }
///
/// let log = RefCell::new(Vec::new());
/// for _ in 0..1 {
///     let _local = Noted("local", &log);
///     Noted("temporary", &log).touch()
/// }
/// assert_eq!(log.take(), ["local", "temporary"]);
/// block_on(async {
///     async_for!(for _ in stream::iter(0..1) {
///         let _local = Noted("local", &log);
///         Noted("temporary", &log).touch()
///     });
///     assert_eq!(log.take(), ["temporary", "local"]);
///     let ended = async_with!(connect(), {
///         let _local = Noted("local", &log);
///         Noted("temporary", &log).touch()
///     });
///     assert_eq!(ended, Ok(()));
///     assert_eq!(log.take(), ["temporary", "local"]);
/// });
/// ```
#[cfg(doctest)]
mod older_editions {}
