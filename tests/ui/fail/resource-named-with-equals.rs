use forwith::async_with;

async fn rows() -> Result<usize, String> {
    async_with!(db = support::connect(), { db.rows.len() })
}

fn main() {}
