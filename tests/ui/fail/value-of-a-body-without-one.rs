use forwith::async_with;
use support::connect;

async fn semicolon() -> Result<usize, String> {
    async_with!(connect() as db, {
        db.rows.len();
    })
}

fn main() {}
