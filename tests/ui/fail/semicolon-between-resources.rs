use forwith::async_with;
use support::{begin, connect};

async fn rows() -> Result<usize, String> {
    async_with!(connect() as db; begin(db) as tx, { tx.0.rows.len() })
}

fn main() {}
