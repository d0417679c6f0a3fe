use forwith::{AsyncEnter, async_with};

/// What a `resource_fn` hands out, for example.
struct Connection;

async fn names_the_value(enter: impl AsyncEnter<Resource = Connection>) -> Result<u32, String> {
    async_with!(enter as _connection, { 1 })
}

async fn without_a_bound<R>(enter: impl AsyncEnter<Resource = R>) -> Result<u32, String> {
    async_with!(enter as _resource, { 1 })
}

fn main() {}
