use forwith::async_with;
use support::connect;

async fn with() -> Result<usize, String> {
    async_with!(with connect() as db, { db.rows.len() })
}

async fn async_with() -> Result<usize, String> {
    async_with!(async with connect() as db, { db.rows.len() })
}

fn main() {}
