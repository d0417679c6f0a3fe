use forwith::async_with;
use support::connect;

async fn rows() -> Result<usize, String> {
    async_with!(connect() as db, {
        if db.rows.is_empty() {
            return 0;
        }
        db.rows.len()
    })
}

async fn nothing() -> Result<usize, String> {
    async_with!(connect() as db, {
        if db.rows.is_empty() {
            return;
        }
        db.rows.len()
    })
}

fn main() {}
