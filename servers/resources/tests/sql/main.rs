//! Transactions, connections and locks of databases, on real servers.

#![cfg(all(
    feature = "bb8-postgres",
    feature = "deadpool-postgres",
    feature = "diesel-async",
    feature = "sqlx-mysql",
    feature = "sqlx-postgres",
    feature = "sqlx-sqlite"
))]

mod diesel;
mod mariadb;
mod pg;
mod pg_pools;
mod sendable;
mod sqlite;
mod transactions;
