#![deny(warnings)]
use forwith::resource::{ResourceFn, resource_fn};

fn number<'a>() -> ResourceFn<'a, u8, String> {
    resource_fn(async |stage| {
        stage.hand_out(1);
        Ok(())
    })
}

fn main() {}
