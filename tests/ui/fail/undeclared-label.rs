use forwith::{async_for, async_with};
use support::{connect, numbers};

async fn with() -> Result<(), String> {
    'rows: loop {
        async_with!(connect() as _db, {
            break 'row;
        })?;
        break 'rows;
    }
    Ok(())
}

async fn loops() {
    async_for!(for number in numbers() {
        if number == 3 {
            continue 'numbers;
        }
    });
}

fn main() {}
