//! x
#![forbid(unsafe_code)]
#![deny(warnings)]
use forwith::{AsyncExit, Outcome, async_for, async_with};
use futures::{executor::block_on, stream};
use std::{cell::RefCell, rc::Rc};

type Log = Rc<RefCell<Vec<String>>>;
struct R(&'static str, Log);
impl AsyncExit for R {
    type Error = String;
    async fn exit(self, o: Outcome<'_>) -> Result<(), String> {
        futures::pending_once().await;
        self.1.borrow_mut().push(format!("exit {} {o:?}", self.0));
        Ok(())
    }
}
mod futures {
    pub use ::futures::*;
    pub async fn pending_once() {
        let mut d = false;
        ::futures::future::poll_fn(move |cx| {
            if d {
                std::task::Poll::Ready(())
            } else {
                d = true;
                cx.waker().wake_by_ref();
                std::task::Poll::Pending
            }
        })
        .await
    }
}
async fn open(n: &'static str, l: &Log) -> Result<R, String> {
    l.borrow_mut().push(format!("enter {n}"));
    Ok(R(n, l.clone()))
}
#[test]
fn a() {
    let log = Log::default();
    let l = &log;
    let r = block_on(async {
        let x = 'a: loop {
            let v = async_with!(open("a", l) as _a, open("b", l) as b, {
                assert_eq!(b.0, "b");
                async_for!(for i in stream::iter(0..10) {
                    let z = async_with!(open("c", l), {
                        if i == 3 {
                            continue;
                        }
                        if i == 5 {
                            break 'a i;
                        }
                        i
                    })?;
                    l.borrow_mut().push(format!("{z}"));
                });
                7
            })?;
            break v;
        };
        Ok::<_, String>(x)
    });
    assert_eq!(r, Ok(5));
    for l in log.borrow().iter() {
        println!("{l}");
    }
    let found = block_on(async {
        async_for!(for i in stream::iter(0..10) {
            if i == 4 {
                break i;
            }
        })
    });
    assert_eq!(found, Some(4));
    let mut n = 0;
    block_on(async {
        async_for!(
            #[until(std::future::pending::<()>())]
            #[yield_every(3)]
            'x: for i in stream::iter(0..10) {
                if i == 4 {
                    continue 'x;
                }
                n += i;
            }
        );
    });
    assert_eq!(n, 41);
}
