use forwith::async_with;
use support::connect;

macro_rules! quit {
    () => {
        break
    };
}

async fn breaks() -> Result<(), String> {
    loop {
        async_with!(connect() as db, {
            if db.rows.is_empty() {
                quit!();
            }
        })?;
    }
}

fn main() {}
