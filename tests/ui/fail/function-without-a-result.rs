use forwith::resource::{ResourceFn, resource_fn};

fn number<'a>() -> ResourceFn<'a, u8, String> {
    resource_fn(async |stage| {
        let (n, ended) = stage.hand_out(1).await;
        assert!(ended.is_completed());
        println!("{n}");
    })
}

fn main() {}
