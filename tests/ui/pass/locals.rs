//! Bodies that borrow, change and move local variables, some of them named as in the expansion.

use forwith::{async_for, async_with};
use futures::executor::block_on;
use support::{connect, numbers};

async fn borrowed() -> Result<(String, u32), String> {
    let mut text = String::from("a");
    let count;
    let moved = String::from("moved");
    let length = async_with!(connect() as db, {
        text.push('b');
        let moved = moved;
        text.push_str(&moved);
        db.rows.len()
    })?;
    count = u32::try_from(length).unwrap();
    Ok((text, count))
}

async fn same_names(
    value: u32,
    held: u32,
    leaving: u32,
    way: u32,
    body: u32,
    end: u32,
    inner: u32,
    outer: u32,
    items: u32,
    item: u32,
    until: u32,
    cx: u32,
    entered: u32,
    departed: u32,
    error: u32,
) -> Result<u32, String> {
    let __stored0_1 = 1;
    let found = '__forwith0: loop {
        'entered: loop {
            async_with!(connect() as resource, {
                let all = value + held + leaving + way + body + end + inner + outer + items;
                let more = item + until + cx + entered + departed + error + __stored0_1;
                let all = all + more + resource.rows[0];
                match async_for!('ended: for item in numbers() {
                    if item == 3 {
                        break 'ended all + item;
                    }
                }) {
                    None => break 'entered,
                    Some(value) => break '__forwith0 value,
                }
            })?;
        }
    };
    Ok(found)
}

#[test]
fn bodies_use_the_locals_around_them() {
    assert_eq!(block_on(borrowed()), Ok(("abmoved".into(), 3)));
    let found = block_on(same_names(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    assert_eq!(found, Ok(15 + 1 + 1 + 3));
}
