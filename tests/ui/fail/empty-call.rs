use forwith::{async_for, async_with};

async fn with() {
    async_with!()
}

async fn loops() {
    async_for!()
}

fn main() {}
