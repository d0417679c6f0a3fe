//! scratch
use forwith::{AsyncExit, Outcome, async_for, async_with};
use futures::{StreamExt, stream};
use std::{
    future::{Future, poll_fn},
    mem::size_of_val,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    task::Poll,
};

struct R(Box<u64>);
impl AsyncExit for R {
    type Error = String;
    fn exit(self, _o: Outcome<'_>) -> impl Future<Output = Result<(), String>> {
        let mut me = Some(self);
        poll_fn(move |_| {
            me.take();
            Poll::Ready(Ok(()))
        })
    }
}
async fn open() -> Result<R, String> {
    Ok(R(Box::new(1)))
}
async fn tick() {
    let mut d = false;
    poll_fn(move |cx| {
        if d {
            Poll::Ready(())
        } else {
            d = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

async fn hand(n: u64) -> Result<u64, String> {
    let mut r = open().await?;
    let caught = {
        let mut body = pin!(async {
            for _ in 0..n {
                tick().await;
                *r.0 += 1;
            }
            Ok::<u64, String>(*r.0)
        });
        poll_fn(
            |cx| match catch_unwind(AssertUnwindSafe(|| body.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(v)) => Poll::Ready(Ok(v)),
                Err(p) => Poll::Ready(Err(p)),
            },
        )
        .await
    };
    let outcome = match &caught {
        Ok(Ok(_)) => Outcome::Completed,
        Ok(Err(_)) => Outcome::Failed,
        Err(_) => Outcome::Panicked(""),
    };
    let left = r.exit(outcome).await;
    match caught {
        Err(p) => resume_unwind(p),
        Ok(Err(e)) => Err(e),
        Ok(Ok(v)) => {
            left?;
            Ok(v)
        }
    }
}
async fn mac(n: u64) -> Result<u64, String> {
    async_with!(open() as r, {
        for _ in 0..n {
            tick().await;
            *r.0 += 1;
        }
        *r.0
    })
}
async fn mac2(n: u64) -> Result<u64, String> {
    async_with!(open() as r, {
        for _ in 0..n {
            tick().await;
            *r.0 += 1;
        }
        return Ok(*r.0);
    })
}
async fn w(n: u64) -> u64 {
    let mut s = stream::iter(0..n);
    let mut t = 0;
    while let Some(x) = s.next().await {
        t += x
    }
    t
}
async fn f(n: u64) -> u64 {
    let mut t = 0;
    async_for!(for x in stream::iter(0..n) {
        t += x
    });
    t
}
async fn fnever(n: u64) -> u64 {
    let mut t = 0;
    async_for!(
        #[yield_every(never)]
        for x in stream::iter(0..n) {
            t += x
        }
    );
    t
}
#[test]
fn sizes() {
    println!(
        "hand {} mac {} {} while {} for {} {}",
        size_of_val(&hand(1)),
        size_of_val(&mac(1)),
        size_of_val(&mac2(1)),
        size_of_val(&w(1)),
        size_of_val(&f(1)),
        size_of_val(&fnever(1))
    );
}
