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

async fn concurrent_loops() {
    async_for!(
        #[concurrent(2)]
        'numbers: for number in numbers() {
            'rows: for row in 0..number {
                println!("{row}");
            }
        }
    );
}

async fn used_in_concurrent_loops() {
    async_for!(
        #[concurrent(2)]
        'numbers: for number in numbers() {
            if number == 3 {
                break 'numbers;
            }
        }
    );
    async_for!(
        #[concurrent(2)]
        'numbers: for number in numbers() {
            if number == 3 {
                continue 'numbers;
            }
        }
    );
}

fn main() {}
