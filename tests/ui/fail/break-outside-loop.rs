use forwith::async_with;
use support::connect;

async fn breaks() -> Result<(), String> {
    async_with!(connect() as db, {
        if db.rows.is_empty() {
            break;
        }
    })
}

async fn continues() -> Result<(), String> {
    async_with!(connect() as db, {
        if db.rows.is_empty() {
            continue;
        }
    })
}

async fn breaks_with_value() -> Result<(), String> {
    async_with!(connect() as db, {
        if db.rows.is_empty() {
            break 3;
        }
    })
}

fn main() {}
