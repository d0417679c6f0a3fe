use forwith::{async_for, async_with};
use support::connect;

async fn with() -> Result<(), String> {
    async_with!(connect(). as db, { db.rows.clear() })
}

async fn loops() {
    async_for!(for number in support:: {
        drop(number);
    });
}

fn main() {}
