//! Connections and streams of QUIC, as their peer sees them.

#![cfg(feature = "quinn")]

mod alone;
mod connections;
mod peer;
mod streams;
mod struck;
