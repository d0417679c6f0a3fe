use forwith::async_with;
use support::connect;

async fn rows() -> Result<(), String> {
    async_with!(connect() as _db, 'body: { break 'body })
}

fn main() {}
