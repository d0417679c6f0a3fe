#![deny(unused_must_use)]

use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() {
    async_with!(connect() as db, { db.rows.clear() });
}

async fn in_body() -> Result<(), String> {
    async_with!(connect() as _db, {
        "1".parse::<u32>();
    })
}

async fn concurrent_loops() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            number.to_string().parse::<u32>();
        }
    );
}

fn main() {}
