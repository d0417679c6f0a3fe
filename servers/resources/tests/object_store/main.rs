//! Uploads to stores of objects: a folder, and a store in memory that keeps what a remote one does.

#![cfg(feature = "object_store")]

mod alone;
mod buffered;
mod sendable;
mod upload;
mod watched;
