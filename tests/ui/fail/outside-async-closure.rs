use forwith::async_with;
use support::connect;

async fn with() -> Result<usize, String> {
    let rows = || async_with!(connect() as db, { db.rows.len() });
    rows()
}

fn main() {}
