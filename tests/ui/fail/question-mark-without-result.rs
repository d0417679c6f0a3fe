use forwith::async_with;
use support::connect;

async fn in_body() {
    let _ = async_with!(connect() as db, {
        let first: u32 = "1".parse()?;
        db.rows.push(first);
    });
}

async fn behind() {
    async_with!(connect() as db, { db.rows.clear() })?;
}

fn main() {}
