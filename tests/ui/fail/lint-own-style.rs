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

async fn concurrent_loops() {
    async_for!(
        #[concurrent(2)]
        for mut number in numbers() {
            let text = (number.to_string());
            println!("{text}");
        }
    );
}

fn main() {}
