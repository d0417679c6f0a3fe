use std::num::ParseIntError;

use forwith::resource::{ResourceFn, resource_fn};

struct Broken;

fn number<'a>() -> ResourceFn<'a, u8, Broken> {
    resource_fn(async |stage| {
        let n: u8 = "7".parse()?;
        let _ = stage.hand_out(n).await;
        Ok(())
    })
}

fn other<'a>() -> ResourceFn<'a, u8, Broken> {
    resource_fn(async |stage| {
        let _ = stage.hand_out(1).await;
        Ok::<(), ParseIntError>(())
    })
}

fn main() {}
