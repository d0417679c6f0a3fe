use forwith::{async_with, mark_failed};
use support::connect;

async fn spawns() -> Result<(), String> {
    async_with!(connect(), {
        std::thread::spawn(|| mark_failed!());
    })
}

fn boxed(_: Box<dyn Fn()>) {}

async fn boxes() -> Result<(), String> {
    async_with!(connect(), {
        boxed(Box::new(move || {
            mark_failed!();
        }));
    })
}

fn main() {}
