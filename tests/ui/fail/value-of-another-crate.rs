use std::future::{Ready, ready};

use forwith::async_with;

/// Stands in for a pool of another crate, whose transactions are no resources.
struct Pool;
struct Transaction;

impl Pool {
    fn begin(&self) -> Ready<Result<Transaction, String>> {
        ready(Ok(Transaction))
    }
}

async fn pay(pool: &Pool) -> Result<(), String> {
    async_with!(pool.begin() as _tx, {})
}

fn main() {}
