use forwith::async_with;
use support::{begin, connect};

async fn rows() -> Result<(), String> {
    async_with!(connect() as db, begin(db) as tx, {
        db.rows.push(4);
        tx.0.rows.push(5);
    })
}

fn main() {}
