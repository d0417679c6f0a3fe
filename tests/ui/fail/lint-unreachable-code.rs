#![deny(unreachable_code)]

use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    async_with!(connect() as db, {
        return Ok(());
        db.rows.clear();
    })
}

async fn jumps() -> Result<(), String> {
    loop {
        async_with!(connect() as db, {
            break;
            db.rows.clear();
        })?;
    }
    Ok(())
}

async fn loops() {
    async_for!(for number in numbers() {
        continue;
        println!("{number}");
    });
}

fn main() {}
