//! Real servers on a free port of this machine, and real clients that leave them.
//!
//! Nothing is said of how long anything takes: a test looks at the server until it has seen what it
//! waits for, or until a bound that only a bug reaches.

mod bodies;
mod browser;
mod common;
mod events;
mod facts;
mod grpc;
mod http1;
mod http2;
mod limits;
mod panics;
mod plain_hyper;
mod random;
mod shutdown;
mod websockets;
