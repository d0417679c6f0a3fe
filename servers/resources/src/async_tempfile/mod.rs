//! Folders and files of [async-tempfile](::async_tempfile) 0.8.
//!
//! ```
//! use async_tempfile::{Error, TempFile};
//! use forwith::async_with;
//! use forwith_resources::async_tempfile::file;
//! use tokio::io::AsyncWriteExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! # let folder = tempfile::tempdir()?;
//! # let target = folder.path().join("settings");
//! # let folder = folder.path().to_path_buf();
//! # let settings = target.clone();
//! async_with!(file(TempFile::new_in(folder)) as file, {
//!     file.write_all(b"dark").await?;
//!     file.persist_to(target);
//! })?;
//! # assert_eq!(std::fs::read(settings)?, b"dark");
//! # Ok(())
//! # }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a folder that is removed with all that is in it | [`folder`] |
//! | a file that is removed, or gets a name when all is well | [`file`](file()) |
//!
//! Errors are those of the library.
//!
//! # Cancel safety
//!
//! An enter may be cancelled or dropped: what it makes is removed again.

mod file;
mod folder;

pub use file::{HeldFile, OpenFile, file};
pub use folder::{HeldFolder, OpenFolder, folder};
