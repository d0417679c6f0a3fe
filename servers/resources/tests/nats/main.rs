//! Clients, messages and subscriptions of async-nats, on real servers.

#![cfg(feature = "async-nats")]
#![allow(
    clippy::large_futures,
    reason = "blocks in blocks, with what the library has"
)]

mod alone;
mod broken;
mod client;
mod cluster;
mod handled;
mod messages;
mod own_server;
mod sendable;
mod site;
mod subscription;
