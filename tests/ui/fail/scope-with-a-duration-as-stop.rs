use std::time::Duration;

use forwith::scope;

async fn work() {
    let _ = scope(async {}, Duration::from_secs(3)).await;
}

fn main() {}
