//! The user's own traits, on everything there is, may have methods named like those that are called.
#![allow(dead_code)]

#[path = "../support.rs"]
mod support;

use forwith::{async_for, async_with};
use support::{connect, numbers};

trait Everything: Sized {
    fn poll(self) {}
    fn enter(self) {}
    fn exit(self) {}
    fn into_stream(self) {}
    fn into_future(self) {}
    fn value(self) {}
    fn release(self) {}
    fn unwrap(self) {}
    fn expect(self) {}
}

impl<T> Everything for T {}

async fn run() -> Result<u32, String> {
    let found = async_for!(
        #[until(std::future::pending::<()>())]
        for number in numbers() {
            async_with!(connect() as db, {
                if number == db.rows[2] {
                    break number;
                }
            })?;
        }
    );
    found.ok_or_else(String::new)
}

fn main() {
    assert_eq!(futures::executor::block_on(run()), Ok(3));
}
