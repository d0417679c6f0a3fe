use forwith::async_with;
use support::connect;

async fn rows() -> Result<usize, String> {
    let rows;
    async_with!(connect() as db, {
        rows = db.rows.len();
    })?;
    Ok(rows)
}

fn main() {}
