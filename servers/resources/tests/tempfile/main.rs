//! Temporary folders and files of tempfile.

#![cfg(feature = "tempfile")]

mod alone;
mod file;
mod folder;
mod sendable;
mod site;
