use std::rc::Rc;

use forwith::resource::{ResourceFn, resource_fn};

fn number<'a>() -> ResourceFn<'a, u8, String> {
    resource_fn(async |stage| {
        let held = Rc::new(1);
        let _ = stage.hand_out(*held).await;
        drop(held);
        Ok(())
    })
}

fn main() {}
