use forwith::async_with;
use support::connect;

async fn closure() -> Result<(), String> {
    loop {
        async_with!(connect() as db, {
            db.rows.iter().for_each(|row| {
                if *row == 3 {
                    break;
                }
            });
        })?;
    }
}

async fn async_block() -> Result<(), String> {
    loop {
        async_with!(connect() as _db, {
            async { break }.await;
        })?;
    }
}

fn main() {}
