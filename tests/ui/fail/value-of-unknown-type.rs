use forwith::async_with;
use support::connect;

async fn parses() {
    let _ = async_with!(connect(), { "7".parse().unwrap() });
}

fn main() {}
