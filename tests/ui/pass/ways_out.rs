//! Every way out of a body: its end, `return`, `?`, `break` and `continue`, with and without a
//! value.

use forwith::async_with;
use futures::executor::block_on;
use support::connect;

async fn end() -> Result<usize, String> {
    async_with!(connect() as db, { db.rows.len() })
}

async fn early(at_once: bool) -> Result<u32, String> {
    async_with!(connect() as db, {
        if at_once {
            return Ok(db.rows[0]);
        }
        db.rows[1]
    })
}

async fn question_mark(text: &str) -> Result<u32, String> {
    async_with!(connect() as db, {
        let parsed: u32 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
        parsed + db.rows[0]
    })
}

async fn jumps() -> Result<Vec<u32>, String> {
    let mut seen = Vec::new();
    let found = 'rounds: loop {
        for round in 0..5 {
            async_with!(connect() as db, {
                match round {
                    0 => continue,
                    1 if seen.len() < 3 => {
                        seen.push(db.rows[round]);
                        continue 'rounds;
                    }
                    1 => continue,
                    2 => break,
                    _ => unreachable!(),
                }
            })?;
        }
        async_with!(connect() as db, { break 'rounds db.rows[2] })?;
    };
    seen.push(found);
    Ok(seen)
}

async fn breaks_a_while() -> Result<u32, String> {
    let mut rounds = 0;
    while rounds < 10 {
        rounds += 1;
        async_with!(connect() as db, {
            if rounds == db.rows[2] {
                break;
            }
        })?;
    }
    Ok(rounds)
}

async fn breaks_a_block() -> Result<&'static str, String> {
    Ok('block: {
        async_with!(connect() as db, {
            if db.rows.len() == 3 {
                break 'block "three";
            }
        })?;
        "another number"
    })
}

#[test]
fn every_way_out_of_a_body_works() {
    assert_eq!(block_on(end()), Ok(3));
    assert_eq!(block_on(early(true)), Ok(1));
    assert_eq!(block_on(early(false)), Ok(2));
    assert_eq!(block_on(question_mark("41")), Ok(42));
    assert_eq!(
        block_on(question_mark("no")),
        Err("\"no\" is no number".into())
    );
    assert_eq!(block_on(breaks_a_while()), Ok(3));
    assert_eq!(block_on(breaks_a_block()), Ok("three"));
    assert_eq!(block_on(jumps()), Ok(vec![2, 2, 2, 3]));
}
