use forwith::{async_for, async_with};
use support::{connect, numbers};

fn loops() {
    async_for!(for number in numbers() {
        println!("{number}");
    });
}

fn with() -> Result<usize, String> {
    async_with!(connect() as db, { db.rows.len() })
}

fn main() {}
