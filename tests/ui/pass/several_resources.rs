//! Several resources in one call.

use std::collections::HashMap;

use forwith::{AsyncEnterExt, AsyncExit, Outcome, async_with};
use futures::executor::block_on;
use support::{Db, Socket, begin, connect, listen};

/// A resource with type parameters, so that its path has commas.
struct Pair<A, B>(A, B);

impl<A, B> AsyncExit for Pair<A, B> {
    type Error = String;

    async fn exit(self, _outcome: Outcome<'_>) -> Result<(), String> {
        Ok(())
    }
}

impl<A: Default, B: Default> Pair<A, B> {
    async fn open() -> Result<Self, String> {
        Ok(Pair(A::default(), B::default()))
    }
}

async fn each_uses_the_earlier() -> Result<usize, String> {
    async_with!(connect() as db, begin(db) as tx, {
        tx.0.rows.push(4);
        tx.0.rows.len()
    })
}

async fn jumps_through_all() -> Result<u32, String> {
    let found = 'search: loop {
        for _ in 0..3 {
            async_with!(connect() as a, connect() as b, connect() as c, {
                if a.rows.len() < 3 {
                    continue;
                }
                if b.rows.is_empty() {
                    break;
                }
                break 'search c.rows[1];
            })?;
        }
    };
    Ok(found)
}

async fn a_jump_in_the_second_item() -> Result<&'static str, String> {
    for absent in [true, false] {
        async_with!(
            connect() as db,
            match db.rows.get(9) {
                None if absent => continue,
                None => connect(),
                Some(_) => return Ok("there are ten"),
            } as second,
            {
                assert_eq!(second.rows.len(), 3);
                return Ok("entered at last");
            }
        )?;
    }
    Ok("never")
}

async fn errors_in_line() -> Result<usize, String> {
    async_with!(
        connect() as db,
        listen().map_error(|error| error.to_string()) as socket,
        {
            let Socket = **socket;
            db.rows.len()
        }
    )
}

async fn commas_everywhere() -> Result<usize, String> {
    async_with!(
        Pair::<HashMap<u8, Vec<u8>>, Vec<(u8, u8)>>::open() as Pair(map, list),
        Pair::<u8, u8>::open() as &mut Pair(ref mut a, ref mut b),
        async move { Ok::<_, String>(Pair(1, [1, 2])) } as Pair(_, [first, _]),
        (|rows, more: Vec<u32>| {
            std::future::ready(Ok(Db { rows: [rows, more].concat() }))
        })(vec![1], vec![2]) as Db { rows },
        {
            *a += 1;
            *b += 2;
            map.insert(*a, vec![*b]);
            list.push((*a, *b));
            map.len() + list.len() + usize::try_from(*first).unwrap() + rows.len()
        },
    )
}

#[test]
fn several_resources_work() {
    assert_eq!(block_on(each_uses_the_earlier()), Ok(4));
    assert_eq!(block_on(jumps_through_all()), Ok(2));
    assert_eq!(block_on(a_jump_in_the_second_item()), Ok("entered at last"));
    assert_eq!(block_on(errors_in_line()), Ok(3));
    assert_eq!(block_on(commas_everywhere()), Ok(5));
}
