use forwith::source::{StreamFn, stream_fn};

fn rows(table: &[u32]) -> StreamFn<u32, String> {
    stream_fn(async move |out| {
        for row in table {
            out.give(*row).await;
        }
        Ok(())
    })
}

fn main() {}
