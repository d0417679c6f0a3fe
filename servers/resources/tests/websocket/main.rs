//! The WebSocket of tokio-tungstenite, and what its peers see of it.

#![cfg(feature = "tokio-tungstenite")]

mod alone;
mod bounds;
mod closing;
mod peers;
mod sendable;
mod struck;
