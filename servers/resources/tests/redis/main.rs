//! Locks, connections and subscriptions of Redis, on a real server.

#![cfg(feature = "redis")]

mod alone;
mod connection;
mod contention;
mod entries;
mod lock;
mod lost;
mod sendable;
mod site;
mod subscribe;
mod watch;
