//! The macros by their full path, re-exported and renamed.

use futures::executor::block_on;
use support;

mod prelude {
    pub use forwith::{async_for, async_with};
}

mod deeper {
    pub mod still {
        pub use super::super::prelude::async_for as each;
    }
}

use deeper::still::each;
use forwith::async_with as with;

async fn full() -> Result<u32, String> {
    let mut sum = 0;
    ::forwith::async_for!(for number in support::numbers() {
        sum += number;
    });
    ::forwith::async_with!(support::connect() as db, { sum + db.rows[0] })
}

async fn exported_again() -> Result<u32, String> {
    prelude::async_with!(support::connect() as db, {
        prelude::async_for!(for number in support::numbers() {
            if number == 3 {
                return Ok(number + db.rows[0]);
            }
        });
        0
    })
}

async fn renamed() -> Result<u32, String> {
    let found = 'search: loop {
        with!(support::connect() as outer, {
            each!('numbers: for number in support::numbers() {
                with!(support::connect() as inner, {
                    if number < 2 {
                        continue 'numbers;
                    }
                    break 'search number + outer.rows[0] + inner.rows[0];
                })?;
            });
        })?;
    };
    Ok(found)
}

#[test]
fn macros_work_under_other_paths() {
    assert_eq!(block_on(full()), Ok(46));
    assert_eq!(block_on(exported_again()), Ok(4));
    assert_eq!(block_on(renamed()), Ok(4));
}
