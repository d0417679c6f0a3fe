use forwith::source::stream_fn;
use futures::Stream;

fn numbers() -> impl Stream {
    stream_fn(async |out| {
        for n in 0..3 {
            out.give(n).await;
        }
    })
}

fn main() {}
