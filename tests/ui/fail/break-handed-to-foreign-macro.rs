use forwith::async_with;
use support::connect;

macro_rules! when {
    ($condition:expr, $then:expr) => {
        if $condition {
            $then
        }
    };
}

async fn breaks() -> Result<(), String> {
    loop {
        async_with!(connect() as db, {
            when!(db.rows.is_empty(), break);
        })?;
    }
}

fn main() {}
