//! Temporary folders and files of async-tempfile.

#![cfg(feature = "async-tempfile")]

mod alone;
mod file;
mod folder;
mod sendable;
#[path = "../tempfile/site.rs"]
mod site;
