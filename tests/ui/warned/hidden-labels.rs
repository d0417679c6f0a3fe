use forwith::async_with;
use futures::executor::block_on;
use support::connect;

async fn same_label_three_times() -> Result<u32, String> {
    'same: loop {
        let sum = async_with!(connect() as db, {
            let mut sum = db.rows[0];
            'same: loop {
                'same: while sum < 100 {
                    sum += 1;
                    if sum > 50 {
                        break 'same;
                    }
                }
                break 'same;
            }
            sum
        })?;
        break 'same Ok(sum);
    }
}

fn main() {
    assert_eq!(block_on(same_label_three_times()), Ok(51));
}
