use std::future::pending;

use forwith::scope;

async fn work() {
    let _ = scope(async {}, pending::<()>()).grace(pending::<()>()).await;
}

fn main() {}
