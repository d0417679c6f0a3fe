//! Folders and files of [tempfile] 3.
//!
//! ```
//! use std::{fs, io};
//!
//! use forwith::async_with;
//! use forwith_resources::tempfile::folder;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> io::Result<()> {
//! let length = async_with!(folder() as folder, {
//!     folder.run(|path| fs::write(path.join("unpacked"), "hello")).await?;
//!     let read = tokio::fs::read(folder.path().join("unpacked"));
//!     folder.call(read).await?.len()
//! })?;
//! assert_eq!(length, 5);
//! # Ok(())
//! # }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a folder that is removed with all that is in it | [`folder`] |
//! | a file that is removed, or gets a name when all is well | [`file`](file()) |
//!
//! Errors are [`io::Error`](std::io::Error).
//!
//! # Calls in flight
//!
//! A call to the file system whose future is dropped takes place all the same, a little later. If
//! its folder has been removed by then, `create_dir_all` brings it back, and nobody removes it
//! again. Calls through these resources are awaited before the removal.
//!
//! # Cancel safety
//!
//! An enter may be cancelled or dropped: what it makes is removed again.

mod file;
mod folder;

pub use file::{HeldFile, OpenFile, file};
pub use folder::{HeldFolder, OpenFolder, folder};
