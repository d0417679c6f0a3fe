use forwith::async_with;
use std::future::ready;

async fn generic<R>(resource: R) {
    let _ = async_with!(ready(Ok(resource)) as _resource, {});
}

fn main() {}
