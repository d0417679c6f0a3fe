#![deny(unused_variables)]

use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    async_with!(connect() as db, {
        let rows = 1;
    })
}

async fn loops() {
    async_for!(for number in numbers() {});
}

fn main() {}
