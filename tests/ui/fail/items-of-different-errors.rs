use forwith::async_with;
use support::{connect, listen};

async fn rows() -> Result<usize, String> {
    async_with!(connect() as db, listen(), { db.rows.len() })
}

fn main() {}
