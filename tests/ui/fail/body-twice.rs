use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    async_with!(connect() as db, { db.rows.clear() } else { })
}

async fn loops() {
    async_for!(for number in numbers() { drop(number) } else { })
}

fn main() {}
