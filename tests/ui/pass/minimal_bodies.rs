//! Bodies that are empty, that always leave, or whose type only the context determines.

use forwith::{async_for, async_with};
use futures::executor::block_on;
use support::{connect, numbers};

async fn nothing() -> Result<(), String> {
    async_with!(connect(), {})?;
    async_with!(connect() as _, {})?;
    async_with!(connect() as _db, {})?;
    async_for!(for _ in numbers() {});
    async_for!(for _number in numbers() {});
    Ok(())
}

async fn always_returns() -> Result<u32, String> {
    async_with!(connect() as db, { return Ok(db.rows[0]) })
}

async fn always_returns_with_semicolon() -> Result<u32, String> {
    async_with!(connect() as db, {
        return Ok(db.rows[0]);
    })
}

async fn always_breaks() -> Result<u32, String> {
    let found = loop {
        async_with!(connect() as db, { break db.rows[1] })?;
    };
    Ok(found)
}

async fn always_fails() -> Result<u32, String> {
    async_with!(connect() as _db, { Err("no".to_string())? })
}

async fn type_from_outside() -> Result<u32, String> {
    async_with!(connect() as _db, { "7".parse().unwrap() })
}

async fn collected() -> Result<Vec<u32>, String> {
    let rows: Vec<_> = async_with!(connect() as db, { db.rows.iter().copied().collect() })?;
    Ok(rows)
}

async fn value_is_a_result() -> Result<Result<u32, u8>, String> {
    async_with!(connect() as _db, { Err(1) })
}

async fn loop_without_end(mut stop: u32) -> Result<u32, String> {
    async_with!(connect() as _db, {
        loop {
            stop -= 1;
            if stop == 0 {
                return Ok(stop);
            }
        }
    })
}

#[test]
fn minimal_bodies_compile_and_run() {
    assert_eq!(block_on(nothing()), Ok(()));
    assert_eq!(block_on(always_returns()), Ok(1));
    assert_eq!(block_on(always_returns_with_semicolon()), Ok(1));
    assert_eq!(block_on(always_breaks()), Ok(2));
    assert_eq!(block_on(always_fails()), Err("no".into()));
    assert_eq!(block_on(type_from_outside()), Ok(7));
    assert_eq!(block_on(collected()), Ok(vec![1, 2, 3]));
    assert_eq!(block_on(value_is_a_result()), Ok(Err(1)));
    assert_eq!(block_on(loop_without_end(9)), Ok(0));
    block_on(async {
        let _: Result<(), String> = async_with!(connect(), {});
        assert_eq!(async_with!(connect() as _db, {}), Ok(()));
    });
}
