//! Processes, files, writers, sockets and sets of tasks of tokio.

#![cfg(all(feature = "tokio", target_os = "linux"))]

mod child;
mod child_alone;
mod child_group;
mod endings;
mod file;
mod join_set;
mod pool;
mod processes;
mod program;
mod replaced;
mod sendable;
mod socket;
mod writer;
