//! Browsers of [fantoccini] 0.22, which a driver such as chromedriver or
//! geckodriver runs.
//!
//! ```no_run
//! use fantoccini::ClientBuilder;
//! use forwith::async_with;
//! use forwith_resources::fantoccini::{Error, browser};
//! use hyper_util::client::legacy::connect::HttpConnector;
//!
//! async fn title(page: &str) -> Result<String, Error> {
//!     let builder = ClientBuilder::new(HttpConnector::new());
//!     let connect = async move { builder.connect("http://localhost:9515").await };
//!     async_with!(browser(connect) as client, {
//!         client.goto(page).await?;
//!         client.title().await?
//!     })
//! }
//! ```
//!
//! | resource | enter |
//! |---|---|
//! | a session, and the browser that the driver has started for it | [`browser`] |
//!
//! A [`HeldBrowser`] derefs to the [`Client`](::fantoccini::Client).
//!
//! # A browser that stays
//!
//! A browser is many processes, and they outlive the driver that has started them. So a program
//! that ends, or kills the driver, before the session is deleted leaves them behind. Here the exit
//! awaits that the driver says that the session is deleted.
//!
//! The client's own `close()` is `Ok` whatever the driver has said, also when nobody has answered.
//! The exit asks the driver itself, and fails if it refuses or is gone.
//!
//! # Cancel safety
//!
//! A call of the client that is dropped goes on in the driver, and so does a page that loads. The
//! driver does one thing at a time, so the exit waits for it, within its
//! [limit](OpenBrowser::close_limit).

mod browser;
mod error;

pub use browser::{HeldBrowser, OpenBrowser, browser};
pub use error::Error;
