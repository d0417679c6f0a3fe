#![deny(unused_must_use)]

use forwith::source::{StreamFn, stream_fn};

fn numbers() -> StreamFn<u32, String> {
    stream_fn(async |out| {
        out.give(1);
        Ok(())
    })
}

fn main() {}
