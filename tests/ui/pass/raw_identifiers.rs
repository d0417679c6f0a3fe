//! Raw identifiers as names and labels.

use forwith::{async_for, async_with};
use futures::executor::block_on;
use support::{connect, numbers};

async fn raw() -> Result<Option<u32>, String> {
    let r#in = 2;
    async_with!(connect() as r#as, {
        async_for!('r#loop: for r#for in numbers() {
            let r#break = r#for + r#in;
            if r#break == r#as.rows[2] {
                break 'r#loop r#break;
            }
        })
    })
}

#[test]
fn raw_identifiers_work() {
    assert_eq!(block_on(raw()), Ok(Some(3)));
}
