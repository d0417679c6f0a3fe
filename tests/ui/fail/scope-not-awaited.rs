#![deny(unused_must_use)]

use forwith::{CancelHandle, scope};

async fn work() {
    let stop = CancelHandle::new();
    scope(async {}, &stop);
}

fn main() {
    let _ = work();
}
