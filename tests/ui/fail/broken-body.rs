use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn member() -> Result<(), String> {
    async_with!(connect() as db, {
        let rows = db.;
        drop(rows);
    })
}

async fn beside_a_jump() -> Result<(), String> {
    loop {
        async_with!(connect() as db, {
            if db.rows.is_empty() {
                break Ok(());
            }
            let first = ;
        })?;
    }
}

async fn loops() {
    async_for!(for number in numbers() {
        let text = number.;
        drop(text);
    });
}

fn main() {}
