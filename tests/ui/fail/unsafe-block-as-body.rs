use forwith::async_with;
use support::connect;

async fn rows() -> Result<usize, String> {
    async_with!(connect() as db, unsafe { *db.rows.get_unchecked(0) })
}

fn main() {}
