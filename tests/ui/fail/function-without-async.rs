use forwith::resource::{ResourceFn, resource_fn};

fn number<'a>() -> ResourceFn<'a, u8, String> {
    resource_fn(|stage| {
        let _ = stage.hand_out(1);
        Ok(())
    })
}

fn number_awaited<'a>() -> ResourceFn<'a, u8, String> {
    resource_fn(|stage| {
        let _ = stage.hand_out(1).await;
        Ok(())
    })
}

fn main() {}
