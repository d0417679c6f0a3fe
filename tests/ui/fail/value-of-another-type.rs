use forwith::async_with;
use support::connect;

async fn number() -> Result<String, String> {
    async_with!(connect() as db, { db.rows.len() })
}

async fn unwrapped() -> usize {
    async_with!(connect() as db, { db.rows.len() })
}

async fn doubled() -> Result<usize, String> {
    async_with!(connect() as db, { Ok(db.rows.len()) })
}

fn main() {}
