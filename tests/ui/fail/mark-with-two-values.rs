use forwith::{async_with, mark_failed};
use support::connect;

async fn refuses() -> Result<(u16, &'static str), String> {
    async_with!(connect(), { mark_failed!(409, "no funds") })
}

fn main() {}
