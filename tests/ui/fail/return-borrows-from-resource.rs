use forwith::async_with;
use support::connect;

async fn first<'a>() -> Result<&'a u32, String> {
    async_with!(connect() as db, { return Ok(&db.rows[0]) })
}

fn main() {}
