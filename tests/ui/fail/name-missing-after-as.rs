use forwith::async_with;

async fn rows() -> Result<usize, String> {
    async_with!(support::connect() as, { 1 })
}

fn main() {}
