use forwith::{async_with, side_by_side};
use support::{connect, listen};

async fn rows() -> Result<usize, String> {
    async_with!(side_by_side((connect(), listen())) as (db, _socket), { db.rows.len() })
}

fn main() {}
