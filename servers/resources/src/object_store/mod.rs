//! Uploads of [`object_store`] 0.14.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use forwith::async_with;
//! use forwith_resources::object_store::upload;
//! use object_store::{ObjectStore, path::Path};
//!
//! async fn store(store: &Arc<dyn ObjectStore>, parts: Vec<Vec<u8>>) -> object_store::Result<()> {
//!     let path = Path::from("reports/2026.csv");
//!     let uploaded = async_with!(upload(store, &path) as upload, {
//!         for part in parts {
//!             upload.put(part).await?;
//!         }
//!         upload.uploaded()
//!     })?;
//!     println!("stored as {:?}", uploaded.result());
//!     Ok(())
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | an upload in parts | [`upload`] |
//! | a writer, which makes the parts | [`buffered`] |
//!
//! The object is there when its block has ended, and whole. However else the body ends, nothing of
//! it is: the upload is aborted, and that is awaited. Errors are those of the library.
//!
//! # Parts are not lost
//!
//! The library stores an object also when the future of one of its parts was dropped or has failed:
//! in the place of that part are zeros, with a file. Here a part belongs to the upload from the
//! call on. An upload with a part that was not stored is never completed.
//!
//! # Cancel safety
//!
//! The call that begins an upload is awaited by a scope, and goes on in the
//! [reaper](forwith::reaper) when the future is dropped, where it is aborted. A remote store keeps
//! the parts of an upload that nobody aborts, and bills them: without a reaper, give its bucket a
//! rule that removes them.

mod begin;
mod buffered;
mod upload;

pub use begin::{BeginUpload, upload};
pub use buffered::{Buffer, Buffered, buffered};
pub use upload::{Put, Upload, Uploaded};

use std::io;
use std::time::Duration;

/// How long an exit waits for the parts in flight and for the abort, unless it is told otherwise.
const ABORT_LIMIT: Duration = Duration::from_secs(5);

fn timed_out(limit: Duration) -> io::Error {
    let message = format!("the upload is not aborted within {limit:?}");
    io::Error::new(io::ErrorKind::TimedOut, message)
}
