#![deny(unused_labels)]

use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn loops() {
    async_for!('numbers: for number in numbers() {
        println!("{number}");
    });
}

async fn with() -> Result<(), String> {
    async_with!(connect() as db, {
        'rows: for row in &db.rows {
            println!("{row}");
        }
    })
}

fn main() {}
