#![deny(unused_must_use)]

use forwith::{CancelToken, scope};

async fn work() {
    let stop = CancelToken::new();
    scope(async {}, &stop);
}

fn main() {}
