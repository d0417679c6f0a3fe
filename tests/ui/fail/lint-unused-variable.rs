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

async fn concurrent_loops() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {}
    );
    let values = async_for!(
        #[concurrent(2)]
        #[collect]
        for (index, _) in futures::StreamExt::enumerate(numbers()) {
            let unused = 1;
        }
    );
}

fn main() {}
