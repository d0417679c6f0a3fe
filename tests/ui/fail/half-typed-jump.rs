use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn value() -> Result<usize, String> {
    loop {
        async_with!(connect() as db, {
            if db.rows.len() == 3 {
                break db.;
            }
        })?;
    }
}

async fn head() -> Result<(), String> {
    async_with!(connect() as db, {
        while db. {
            break;
        }
    })
}

async fn loops() {
    let _ = async_for!(for number in numbers() {
        break number.;
    });
}

fn main() {}
