#![deny(unused_must_use)]

use forwith::async_with;
use support::connect;

async fn with() {
    async_with!(connect() as db, { db.rows.clear() });
}

async fn in_body() -> Result<(), String> {
    async_with!(connect() as _db, {
        "1".parse::<u32>();
    })
}

fn main() {}
