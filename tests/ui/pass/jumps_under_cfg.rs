//! Jumps that a `#[cfg(…)]` takes out, as if their lines were not there.

use forwith::{async_for, async_with};
use futures::executor::block_on;
use support::{connect, numbers};

async fn only_value_is_out() -> u32 {
    let mut sum = 0;
    let unit: () = async_for!(for n in numbers() {
        #[cfg(any())]
        break n;
        if n == 3 {
            break;
        }
        sum += n;
    });
    sum
}

async fn as_the_tail() {
    async_for!(for n in numbers() {
        #[cfg(any())]
        if n == 7 {
            break n;
        }
        if n == 3 {
            break;
        }
    })
}

async fn only_value_is_in() -> Option<u32> {
    async_for!(for n in numbers() {
        #[cfg(all())]
        if n == 3 {
            break n;
        }
        #[cfg(any())]
        break;
    })
}

async fn one_is_in() -> Option<u32> {
    async_for!('turns: for n in numbers() {
        match n {
            #[cfg(any())]
            4 => break "four",
            #[cfg(all())]
            #[cfg(not(any()))]
            5 => break 'turns 50,
            _ => {}
        }
    })
}

async fn another_always() -> Option<u32> {
    async_for!(for n in numbers() {
        #[cfg(any())]
        break "text";
        if n == 6 {
            break n;
        }
    })
}

async fn out_of_a_resource() -> Result<u32, String> {
    let mut turns = 0;
    for n in 0..9 {
        async_with!(connect() as db, connect(), {
            #[cfg(any())]
            break n;
            #[cfg(any())]
            continue 'nowhere;
            #[cfg(all())]
            if n == 4 {
                break;
            }
            turns += db.rows[0];
        })?;
    }
    Ok(turns)
}

async fn value_out_of_a_resource() -> Result<Option<u32>, String> {
    Ok(async_for!(for n in numbers() {
        async_with!(connect() as db, {
            #[cfg(any())]
            break "text";
            #[cfg(all())]
            if n == 4 {
                break n + db.rows[0];
            }
        })?;
    }))
}

#[test]
fn jumps_under_cfg_are_there_or_not() {
    assert_eq!(block_on(only_value_is_out()), 3);
    block_on(as_the_tail());
    assert_eq!(block_on(only_value_is_in()), Some(3));
    assert_eq!(block_on(one_is_in()), Some(50));
    assert_eq!(block_on(another_always()), Some(6));
    assert_eq!(block_on(out_of_a_resource()), Ok(4));
    assert_eq!(block_on(value_out_of_a_resource()), Ok(Some(5)));
}
