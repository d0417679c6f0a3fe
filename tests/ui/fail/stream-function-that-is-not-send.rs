use std::rc::Rc;

use forwith::source::{StreamFn, stream_fn};

fn rows(table: Rc<[u32]>) -> StreamFn<u32, String> {
    stream_fn(async move |out| {
        for row in table.iter() {
            out.give(*row).await;
        }
        Ok(())
    })
}

fn main() {}
