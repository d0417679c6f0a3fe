use forwith::async_with;
use support::connect;

async fn first() -> Result<u32, String> {
    let first = async_with!(connect() as db, { &db.rows[0] })?;
    Ok(*first)
}

async fn pushed() -> Result<u32, String> {
    let mut seen = Vec::new();
    async_with!(connect() as db, {
        seen.push(&db.rows[0]);
    })?;
    Ok(*seen[0])
}

fn main() {}
