use forwith::async_with;
use support::Db;

async fn rows() {
    let _ = async_with!(async { Db { rows: vec![] } } as db, { db.rows.len() });
}

fn main() {}
