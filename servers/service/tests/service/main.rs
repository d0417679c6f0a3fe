//! The service and its checks on real servers, run as users run them.

mod checks;
mod client;
mod command_line;
mod long;
mod serve;
mod service;
mod shutdown;
