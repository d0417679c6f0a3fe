//! What tests on real servers need: the servers, which they start themselves, and strikes at each
//! wait of a piece of work.
//!
//! What is held, open or locked is asked of the server. Nothing is said of how long anything takes:
//! a test looks [`until`] it has seen what it waits for, or until a bound that only a bug reaches.

#![forbid(unsafe_code)]

mod cluster;
mod server;
mod servers;
pub mod strike;
mod until;
mod way;

pub use cluster::{NatsCluster, start_nats_cluster, try_nats_cluster};
pub use server::{Server, StartError, free_port};
pub use servers::{chromedriver, mariadb, mosquitto, nats, postgres, rabbitmq, redis};
pub use servers::{start_nats, start_postgres, start_rabbitmq, start_redis};
pub use servers::{try_nats, try_postgres, try_redis};
pub use until::{BOUND, soon, until};
pub use way::Way;
