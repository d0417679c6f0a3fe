//! Browsers: real ones of chromedriver, and a driver of the tests for each wait.

#![cfg(feature = "fantoccini")]

mod alone;
mod chromium;
mod driver;
mod struck;
