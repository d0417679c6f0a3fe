#![deny(unused_mut, unused_parens, unused_braces)]

use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<usize, String> {
    async_with!(connect() as db, {
        let mut rows = (db.rows.len());
        rows
    })
}

async fn loops() {
    async_for!(for mut number in numbers() {
        println!("{number}");
    });
}

fn main() {}
