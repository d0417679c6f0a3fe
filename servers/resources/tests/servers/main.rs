//! Resources on real servers, which the tests start themselves.
//!
//! What is held, open or locked is asked of the server. Nothing is said of how long anything takes:
//! a test looks until it has seen what it waits for, or until a bound that only a bug reaches.

mod diesel;
mod mariadb;
mod pg;
mod pg_pools;
mod sendable;
mod server;
mod sqlite;
mod strike;
mod transactions;
