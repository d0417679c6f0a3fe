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

async fn concurrent_loops() -> Option<u32> {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            continue;
            println!("{number}");
        }
    );
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            return None;
            println!("{number}");
        }
    );
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            break number;
            println!("{number}");
        }
    )
}

async fn values() -> Vec<u32> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for number in numbers() {
            break;
            number
        }
    )
}

fn main() {}
