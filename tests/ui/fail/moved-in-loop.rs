use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn loops() {
    let text = String::new();
    async_for!(for _ in numbers() {
        drop(text);
    });
}

async fn with() -> Result<(), String> {
    let text = String::new();
    loop {
        async_with!(connect() as _db, {
            drop(text);
        })?;
    }
}

async fn before() -> Result<String, String> {
    let text = String::new();
    async_with!(connect() as _db, {
        drop(text);
    })?;
    Ok(text)
}

fn main() {}
