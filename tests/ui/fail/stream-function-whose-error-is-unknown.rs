use forwith::{async_for, source::stream_fn};

async fn sum() -> u32 {
    let numbers = stream_fn(async |out| {
        out.give(1).await;
        Ok(())
    });
    let mut sum = 0;
    async_for!(for n in numbers {
        sum += n.unwrap_or(0);
    });
    sum
}

fn main() {}
