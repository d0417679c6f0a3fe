use forwith::async_with;
use forwith::resource::resource_fn;

async fn work() {
    let transaction = resource_fn(async |stage| {
        let _ = stage.hand_out(1).await;
        let _ = stage.hand_out(2).await;
        Ok::<(), String>(())
    });
    let _ = async_with!(transaction as _n, {});
}

fn main() {}
