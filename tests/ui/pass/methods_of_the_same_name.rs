//! Traits of the user, implemented for every type, whose methods are named as in the expansion.

use std::task::{Context, Poll};

use forwith::{Source, async_for, async_with};
use support::{connect, numbers};

trait Everything: Sized {
    fn poll(self) {}
    fn enter(self) {}
    fn exit(self) {}
    fn into_stream(self) {}
    fn into_future(self) {}
    fn value(self) {}
    fn release(self) {}
    fn unwrap(self) {}
    fn expect(self) {}
    fn poll_next(self) {}
    fn poll_end(self) {}
    fn next(self) {}
    fn wait(self) {}
    fn items(self) {}
    fn is_ready(self) {}
    fn resource(self) {}
    fn begin_exit(self) {}
    fn settle(self) {}
    fn pair() {}
    fn new() {}
}

impl<T> Everything for T {}

/// A trait whose method has a better receiver and the right result.
trait Imposter {
    fn poll_next(&self, _: &mut Context<'_>) -> Poll<Option<u32>> {
        Poll::Ready(None)
    }
}

impl<T: ?Sized> Imposter for T {}

struct Countdown(u32);

impl Source for Countdown {
    type Item<'a> = u32;

    async fn next(&mut self) -> Option<u32> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

async fn run_source() -> Option<u32> {
    async_for!(
        #[until(std::future::pending::<()>())]
        for number in &mut Countdown(5) {
            if number == 2 {
                break number;
            }
        }
    )
}

async fn run() -> Result<u32, String> {
    let found = async_for!(
        #[until(std::future::pending::<()>())]
        for number in numbers() {
            async_with!(connect() as db, {
                if number == db.rows[2] {
                    break number;
                }
            })?;
        }
    );
    found.ok_or_else(String::new)
}

#[test]
fn methods_of_the_same_name_are_ignored() {
    assert_eq!(futures::executor::block_on(run()), Ok(3));
    assert_eq!(futures::executor::block_on(run_source()), Some(2));
}
