use forwith::async_with;

async fn with_comma() -> Result<usize, String> {
    async_with!(support::connect() as db, || { db.rows.len() })
}

async fn with_parameter() -> Result<usize, String> {
    async_with!(support::connect(), |db| { db.rows.len() })
}

async fn asynchronous() -> Result<usize, String> {
    async_with!(support::connect(), async move |db| { db.rows.len() })
}

fn main() {}
