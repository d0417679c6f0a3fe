use forwith::{async_for, async_with};

async fn with() -> Result<usize, String> {
    async_with!(support::connect() as db, db.rows.len())
}

async fn loops() {
    async_for!(for number in support::numbers(), println!("{number}"))
}

fn main() {}
