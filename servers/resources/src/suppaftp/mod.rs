//! Sessions of FTP, of [suppaftp] 12, on tokio.
//!
//! ```no_run
//! use forwith::async_with;
//! use forwith_resources::suppaftp::{session, upload};
//! use suppaftp::FtpResult;
//! use suppaftp::tokio::AsyncFtpStream;
//! use tokio::io::AsyncWriteExt;
//!
//! async fn put(bytes: &[u8]) -> FtpResult<usize> {
//!     let connect = async {
//!         let mut ftp = AsyncFtpStream::connect("localhost:21").await?;
//!         ftp.login("user", "password").await?;
//!         Ok(ftp)
//!     };
//!     async_with!(session(connect) as session, {
//!         async_with!(upload(session, "a.txt") as file, {
//!             file.write_all(bytes).await.map_err(suppaftp::FtpError::ConnectionError)?;
//!         })?;
//!         session.call(async |ftp| ftp.size("a.txt").await).await?
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a session, whose calls are whole | [`session`] |
//! | a file that is uploaded in a session | [`upload`] |
//!
//! Errors are the library's own, [`FtpError`](::suppaftp::FtpError).
//!
//! # What is out of step is closed
//!
//! A call whose future is dropped between its command and the reply leaves the reply owed. The next
//! call takes it for its own: `size("b")` is `Ok` with the size of `a`, and so on to the end of the
//! session. Here calls go through [`HeldSession::call`]. One that does not come to its end closes
//! the session, and those behind it fail.
//!
//! # Cancel safety
//!
//! Each call may be cancelled or dropped, and costs the session. The server may have done what it
//! was told.

mod session;
mod upload;

pub use session::{HeldSession, OpenSession, session};
pub use upload::{LentUpload, StartUpload, upload};
