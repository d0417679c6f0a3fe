//! Mail over SMTP with [lettre] 0.11, on tokio.
//!
//! ```no_run
//! use forwith::async_with;
//! use forwith_resources::lettre::{Error, transport};
//! use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
//!
//! async fn greet(message: Message) -> Result<(), Error> {
//!     let smtp = AsyncSmtpTransport::<Tokio1Executor>::unencrypted_localhost();
//!     async_with!(transport(smtp) as mailer, {
//!         mailer.send(message).await?;
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a transport, whose sends are not cut | [`transport`] |
//!
//! A [`HeldTransport`] derefs to a [`Mailer`], which is an
//! [`AsyncTransport`](::lettre::AsyncTransport) as the library's own is.
//!
//! # A send is not cut
//!
//! The library gives the connection of a send that was dropped back to its pool, with an answer
//! still to come. The next send on it takes that for its own: it is `Ok` although the server
//! refuses the mail. Here a send that has begun goes on in a task, whoever waits for it, and the
//! exit awaits them all.
//!
//! A mail that a [`Mailer`] has begun to send will be sent, if the server takes it. A caller that
//! gives up waiting has not taken it back.
//!
//! # Cancel safety
//!
//! A send may be cancelled or dropped at each wait. Its error goes to the exit, if nobody awaits it
//! any more.

mod error;
mod mailer;
mod transport;

pub use error::Error;
pub use mailer::Mailer;
pub use transport::{HeldTransport, OpenTransport, transport};
