use forwith_runtime::gather;

async fn square(x: u64) -> u64 {
    x * x
}

async fn cube(x: u64) -> u64 {
    x * x * x
}

async fn both() {
    let both = gather(vec![square(3), cube(3)]).await;
    drop(both);
}

fn main() {}
