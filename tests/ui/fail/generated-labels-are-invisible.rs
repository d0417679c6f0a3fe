use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    loop {
        async_with!(connect() as db, {
            if db.rows.is_empty() {
                break '__forwith0;
            }
            if db.rows.is_empty() {
                break 'entered;
            }
        })?;
    }
}

async fn loops() {
    async_for!(for number in numbers() {
        if number == 3 {
            break 'ended;
        }
    });
}

async fn concurrent_loops() {
    async_for!(
        #[concurrent(2)]
        for number in numbers() {
            if number == 3 {
                break '__forwith0;
            }
            if number == 4 {
                break '__within0;
            }
        }
    );
}

fn main() {}
