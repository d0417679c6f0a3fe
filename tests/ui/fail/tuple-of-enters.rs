use forwith::async_with;
use support::connect;

async fn rows() -> Result<usize, String> {
    async_with!((connect(), connect()) as (db, _copy), { db.rows.len() })
}

fn main() {}
