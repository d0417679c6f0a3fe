//! Loops with and without a value, and with patterns of all kinds.

use forwith::async_for;
use futures::executor::block_on;
use futures::{StreamExt, stream};
use support::numbers;

async fn sum() -> u32 {
    let mut sum = 0;
    async_for!(for number in numbers() {
        if number % 2 == 1 {
            continue;
        }
        if number > 6 {
            break;
        }
        sum += number;
    });
    sum
}

async fn find(wanted: u32) -> Option<u32> {
    async_for!(for number in numbers() {
        if number == wanted {
            break number * 10;
        }
    })
}

async fn or_else(wanted: u32) -> Result<u32, String> {
    let Some(found) = async_for!(for number in numbers() {
        if number == wanted {
            break number;
        }
    }) else {
        return Err(format!("there is no {wanted}"));
    };
    Ok(found)
}

async fn outer_value() -> Option<(u32, u32)> {
    async_for!('tens: for tens in numbers() {
        async_for!(for ones in numbers() {
            if ones == 9 {
                continue 'tens;
            }
            if tens * 10 + ones == 42 {
                break 'tens (tens, ones);
            }
        });
    })
}

async fn value_of_the_inner_loop_only() -> Vec<Option<u32>> {
    let mut seen = Vec::new();
    async_for!(for tens in numbers().take(2) {
        let found = loop {
            break async_for!(for ones in numbers() {
                if ones > tens {
                    break ones;
                }
            });
        };
        seen.push(found);
    });
    seen
}

async fn resumed() -> (Vec<u32>, Vec<u32>) {
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    let mut stream = numbers();
    async_for!(for number in &mut stream {
        first.push(number);
        if number == 3 {
            break;
        }
    });
    async_for!(for number in stream {
        rest.push(number);
    });
    (first, rest)
}

async fn patterns() -> u32 {
    struct Point {
        x: u32,
        y: u32,
    }
    let mut sum = 0;
    async_for!(for (index, &Point { x, y: ref z }) in
        stream::iter(&[Point { x: 1, y: 2 }]).enumerate()
    {
        sum += x + *z + u32::try_from(index).unwrap();
    });
    async_for!(for mut number in numbers() {
        number += 1;
        sum += number;
    });
    async_for!(for (1 | _) in numbers() {
        sum += 1;
    });
    async_for!(for [first, .., last] in stream::iter([[1, 2, 3]]) {
        sum += first + last;
    });
    let found = async_for!(
        for whole @ (Ok(number) | Err(number)) in stream::iter([Err(3), Ok(4)]) {
            if whole.is_ok() {
                break number;
            }
        }
    );
    sum + found.unwrap()
}

#[test]
fn loops_give_values_and_take_patterns() {
    assert_eq!(block_on(sum()), 12);
    assert_eq!(block_on(find(4)), Some(40));
    assert_eq!(block_on(find(40)), None);
    assert_eq!(block_on(or_else(4)), Ok(4));
    assert_eq!(block_on(or_else(40)), Err("there is no 40".into()));
    assert_eq!(block_on(outer_value()), Some((4, 2)));
    assert_eq!(block_on(value_of_the_inner_loop_only()), [Some(1), Some(2)]);
    assert_eq!(
        block_on(resumed()),
        (vec![0, 1, 2, 3], vec![4, 5, 6, 7, 8, 9])
    );
    assert_eq!(block_on(patterns()), 3 + 55 + 10 + 4 + 4);
}
