use forwith::{async_for, async_with};
use std::rc::Rc;
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    async_with!(connect() as db, {
        let shared = Rc::new(1);
        tokio::task::yield_now().await;
        db.rows.push(*shared);
    })
}

async fn loops() {
    let shared = Rc::new(1);
    async_for!(for number in numbers() {
        println!("{}", number + *shared);
    });
}

fn spawned() {
    tokio::spawn(with());
    tokio::spawn(loops());
}

fn main() {}
