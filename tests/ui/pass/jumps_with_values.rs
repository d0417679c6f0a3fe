//! Many jumps with values of many types, out of several resources at once.

use forwith::async_with;
use futures::executor::block_on;
use support::connect;

/// More jumps than share one place, and through two resources each.
async fn nine(n: u32) -> Result<String, String> {
    let mut turns = 0;
    let one = 'one: {
        let two: Vec<u8> = 'two: {
            let three: &str = 'three: {
                let four: Result<u8, String> = 'four: {
                    let five: Option<Box<dyn Fn() -> u32>> = 'five: {
                        let six: (u8, u64) = 'six: {
                            let seven: [u8; 100] = 'seven: {
                                let eight: bool = 'eight: {
                                    let nine: char = 'nine: {
                                        return async_with!(connect() as db, connect(), {
                                            match n {
                                                0 => "end".to_string(),
                                                1 => break 'one db.rows[0] + 41,
                                                2 => break 'two vec![1, 2],
                                                3 => break 'three "three",
                                                4 => break 'four Ok(4),
                                                5 => break 'five Some(Box::new(move || n) as _),
                                                6 => break 'six (6, 66),
                                                7 => break 'seven [7; 100],
                                                8 => break 'eight n == 8,
                                                9 => break 'nine '9',
                                                10 => return Ok("returned".to_string()),
                                                _ => return Err("failed".to_string()),
                                            }
                                        });
                                    };
                                    return Ok(format!("nine {nine}"));
                                };
                                return Ok(format!("eight {eight}"));
                            };
                            return Ok(format!("seven {}", seven[99]));
                        };
                        return Ok(format!("six {six:?}"));
                    };
                    return Ok(format!("five {}", five.unwrap()()));
                };
                return Ok(format!("four {four:?}"));
            };
            return Ok(format!("three {three}"));
        };
        return Ok(format!("two {two:?}"));
    };
    Ok(format!("one {one}"))
}

/// Each body has a place of its own, also where a jump leaves both.
async fn nested() -> Result<(u32, String), String> {
    let outer = 'outer: loop {
        let inner = 'inner: loop {
            async_with!(connect() as db, {
                async_with!(connect() as other, {
                    if db.rows.pop() == Some(3) && other.rows.pop() == Some(3) {
                        db.rows.clear();
                        break 'inner format!("{:?}", other.rows);
                    }
                    break 'outer 7;
                })?;
            })?;
        };
        return Ok((1, inner));
    };
    Ok((outer, String::new()))
}

/// The body gives nothing, and the values are all of its jumps.
async fn no_value_of_the_body() -> Result<u64, String> {
    let small: u64 = 'small: {
        let text: &str = 'text: {
            async_with!(connect() as db, {
                if db.rows.is_empty() {
                    break 'small 3;
                } else {
                    break 'text "text";
                }
            })?;
            unreachable!()
        };
        text.len() as u64
    };
    Ok(small)
}

#[test]
fn values_of_jumps_arrive() {
    let expected = [
        "end",
        "one 42",
        "two [1, 2]",
        "three three",
        "four Ok(4)",
        "five 5",
        "six (6, 66)",
        "seven 7",
        "eight true",
        "nine 9",
        "returned",
    ];
    for (n, expected) in (0..).zip(expected) {
        assert_eq!(block_on(nine(n)).unwrap(), expected);
    }
    assert_eq!(block_on(nine(11)), Err("failed".to_string()));
    assert_eq!(block_on(nested()), Ok((1, "[1, 2]".to_string())));
    assert_eq!(block_on(no_value_of_the_body()), Ok(4));
}
