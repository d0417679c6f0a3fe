use forwith::async_with;

async fn rows() -> Result<usize, String> {
    async_with!(support::connect() as db, async { db.rows.len() })
}

async fn moved() -> Result<usize, String> {
    async_with!(support::connect() as db, async move { db.rows.len() })
}

fn main() {}
