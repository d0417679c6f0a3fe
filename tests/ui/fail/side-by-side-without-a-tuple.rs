use forwith::{async_with, side_by_side};
use support::connect;

async fn rows() -> Result<usize, String> {
    async_with!(side_by_side(connect(), connect()) as (db, _copy), { db.rows.len() })
}

fn main() {}
