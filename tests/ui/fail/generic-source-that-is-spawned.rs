use forwith::{Source, async_for};

fn spawned(source: impl Source + Send + 'static) {
    tokio::spawn(async {
        async_for!(for item in source {
            drop(item);
        });
    });
}

fn main() {}
