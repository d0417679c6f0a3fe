use forwith::async_with;
use support::{Db, connect};

async fn whole() -> Result<Db, String> {
    async_with!(connect() as db, { *db })
}

async fn by_name() -> Result<Db, String> {
    async_with!(connect() as db, { db })
}

async fn afterwards() -> Result<usize, String> {
    async_with!(connect() as db, { db.rows.clear() })?;
    Ok(db.rows.len())
}

fn main() {}
