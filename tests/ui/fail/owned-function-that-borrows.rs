use forwith::resource::{OwnedResourceFn, owned_resource_fn};

struct Pool(u8);

fn number(pool: &Pool) -> OwnedResourceFn<u8, String> {
    owned_resource_fn(async move |stage| {
        let _ = stage.hand_out(pool.0).await;
        Ok(())
    })
}

fn main() {}
