//! Struct literals as resources and as streams.

use std::pin::Pin;
use std::task::{Context, Poll};

use forwith::{AsyncEnter, AsyncEnterExt, async_for, async_with};
use futures::executor::block_on;
use futures::future::{Ready, ready};
use futures::{Stream, stream};
use support::Db;

struct Connect {
    port: u32,
}

impl AsyncEnter for Connect {
    type Resource = Db;

    async fn enter(self) -> Result<Db, String> {
        Ok(Db {
            rows: vec![self.port],
        })
    }
}

struct Countdown {
    from: u32,
}

impl Stream for Countdown {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        let next = self.from.checked_sub(1);
        self.from = next.unwrap_or(0);
        Poll::Ready(next)
    }
}

struct Limit {
    turns: u32,
}

impl Future for Limit {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.turns.checked_sub(1) {
            None => Poll::Ready(()),
            Some(turns) => {
                self.turns = turns;
                Poll::Pending
            }
        }
    }
}

#[test]
fn a_resource_may_be_a_struct_literal() {
    let port = 80;
    block_on(async {
        assert_eq!(
            async_with!(Connect { port: 80 } as db, { db.rows[0] }),
            Ok(80)
        );
        assert_eq!(async_with!(Connect { port } as db, { db.rows[0] }), Ok(80));
        assert_eq!(async_with!(Connect { port }, { 3 }), Ok(3));
        assert_eq!(
            async_with!(self::Connect { port }.shielded() as db, { db.rows[0] }),
            Ok(80)
        );
        let outer = Connect { port: 1 };
        let sum = async_with!(outer as one, Connect { ..Connect { port } } as Db { rows }, {
            one.rows[0] + rows[0]
        });
        assert_eq!(sum, Ok(81));
        assert_eq!(
            async_with!((Connect { port }) as db, { db.rows[0] }),
            Ok(80)
        );
    });
}

#[test]
fn a_stream_may_be_a_struct_literal() {
    let (from, turns) = (4, 2);
    let mut seen = Vec::new();
    block_on(async {
        async_for!(for n in Countdown { from } {
            seen.push(n);
        });
        async_for!(#[until(Limit { turns })] for n in Countdown { from: 4 } {
            seen.push(n);
        });
    });
    assert_eq!(seen, [3, 2, 1, 0, 3, 2]);
}
