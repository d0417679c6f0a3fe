use forwith::{async_for, async_with};

async fn with() -> Result<(), String> {
    async_with!(support::connect() as db)
}

async fn with_comma() -> Result<(), String> {
    async_with!(support::connect() as db,)
}

async fn without_name() -> Result<(), String> {
    async_with!(support::connect())
}

async fn loops() {
    async_for!(for number in support::numbers())
}

fn main() {}
