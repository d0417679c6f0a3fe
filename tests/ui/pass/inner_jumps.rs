//! Jumps whose target is inside the body.

use forwith::async_with;
use futures::executor::block_on;
use support::connect;

async fn stay() -> Result<u32, String> {
    'same: loop {
        let value = async_with!(connect() as db, {
            let mut sum = 0;
            for row in &db.rows {
                if *row == 2 {
                    continue;
                }
                sum += row;
            }
            'same: while sum < 100 {
                sum += 1;
                if sum > 50 {
                    break 'same;
                }
            }
            let from_loop = loop {
                break 7;
            };
            let from_block = 'block: {
                if sum > 3 {
                    break 'block 1;
                }
                2
            };
            let count = db.rows.iter().filter(|row| {
                for n in 0..3 {
                    if n == **row {
                        break;
                    }
                }
                true
            });
            let counted = count.count();
            let later = async {
                loop {
                    break 5;
                }
            };
            fn inner() -> u32 {
                loop {
                    break 3;
                }
            }
            macro_rules! leave {
                () => {
                    break
                };
            }
            loop {
                leave!();
            }
            while let Some(4..) = db.rows.pop() {
                break;
            }
            sum + from_loop + from_block + u32::try_from(counted).unwrap() + later.await + inner()
        })?;
        break 'same Ok(value);
    }
}

#[test]
fn jumps_inside_a_body_stay_inside() {
    assert_eq!(block_on(stay()), Ok(51 + 7 + 1 + 3 + 5 + 3));
}
