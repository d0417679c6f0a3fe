use forwith::async_with;
use forwith::resource::resource_fn;

async fn work() {
    let transaction = resource_fn(async |stage| Ok::<(), String>(()));
    let _ = async_with!(transaction, {});
}

fn main() {}
