//! Every ending of a body of `async_with!`, with whole traces.

use forwith::{async_for, async_with};
use futures::stream;

use crate::common::{Failure, Held, Trace, run, run_to_panic, yield_once};

#[test]
fn body_reaches_its_end() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("db") as db, {
            yield_once().await;
            trace.note(format!("body of {}", db.name));
            42
        })
    });
    assert_eq!(value, Ok(42));
    trace.expect(&[
        "entering db",
        "entered db",
        "body of db",
        "exiting db: Completed",
        "exited db",
    ]);
}

#[test]
fn body_value_is_an_error() {
    let trace = Trace::new();
    let value = run(async { async_with!(trace.open("db"), { Err::<u8, _>("no such key") }) });
    assert_eq!(value, Ok(Err("no such key")));
    trace.expect(&[
        "entering db",
        "entered db",
        "exiting db: Failed",
        "exited db",
    ]);
}

#[test]
fn body_value_is_ok_or_none() {
    let trace = Trace::new();
    let ok = run(async { async_with!(trace.open("db"), { Ok::<_, u8>(1) }) });
    let none = run(async { async_with!(trace.open("db"), { None::<u8> }) });
    assert_eq!((ok, none), (Ok(Ok(1)), Ok(None)));
    let completed = [
        "entering db",
        "entered db",
        "exiting db: Completed",
        "exited db",
    ];
    trace.expect(&[completed, completed].concat());
}

#[test]
fn body_returns() {
    async fn returns(trace: &Trace, value: Result<u8, Failure>) -> Result<u8, Failure> {
        async_with!(trace.open("db"), {
            let _held = Held("held", trace.clone());
            yield_once().await;
            if trace.lines().len() == 2 {
                return value;
            }
        })?;
        trace.note("not reached");
        Ok(0)
    }
    let trace = Trace::new();
    assert_eq!(run(returns(&trace, Ok(1))), Ok(1));
    trace.expect(&[
        "entering db",
        "entered db",
        "dropped held",
        "exiting db: Completed",
        "exited db",
    ]);
    assert_eq!(run(returns(&trace, Err("no".into()))), Err("no".into()));
    trace.expect(&[
        "entering db",
        "entered db",
        "dropped held",
        "exiting db: Failed",
        "exited db",
    ]);
}

#[test]
fn body_returns_none() {
    async fn returns(trace: &Trace) -> Option<u8> {
        let () = async_with!(trace.open("db"), {
            let nothing: Option<u8> = None;
            nothing?;
        })
        .ok()?;
        Some(1)
    }
    let trace = Trace::new();
    assert_eq!(run(returns(&trace)), None);
    trace.expect(&[
        "entering db",
        "entered db",
        "exiting db: Completed",
        "exited db",
    ]);
}

#[test]
fn body_fails_by_question_mark() {
    async fn fails(trace: &Trace, text: &str) -> Result<i32, Failure> {
        let number = async_with!(trace.open("db"), {
            let _held = Held("held", trace.clone());
            text.parse::<i32>()?
        })?;
        Ok(number)
    }
    let trace = Trace::new();
    assert_eq!(run(fails(&trace, "7")), Ok(7));
    trace.expect(&[
        "entering db",
        "entered db",
        "dropped held",
        "exiting db: Completed",
        "exited db",
    ]);
    assert_eq!(
        run(fails(&trace, "x")),
        Err("invalid digit found in string".into())
    );
    trace.expect(&[
        "entering db",
        "entered db",
        "dropped held",
        "exiting db: Failed",
        "exited db",
    ]);
}

#[test]
fn body_breaks_or_continues() {
    let trace = Trace::new();
    run(async {
        for n in 0..5 {
            async_with!(trace.open("db"), {
                let _held = Held("held", trace.clone());
                match n {
                    0 => continue,
                    1 => break,
                    _ => trace.note("not reached"),
                }
            })
            .unwrap();
            trace.note("not reached");
        }
    });
    let once = [
        "entering db",
        "entered db",
        "dropped held",
        "exiting db: Completed",
        "exited db",
    ];
    trace.expect(&[once, once].concat());
}

#[test]
fn break_carries_a_value() {
    let trace = Trace::new();
    let value = run(async {
        loop {
            async_with!(trace.open("db"), {
                if trace.lines().len() == 2 {
                    break 5;
                }
            })
            .unwrap();
        }
    });
    assert_eq!(value, 5);
    trace.expect(&[
        "entering db",
        "entered db",
        "exiting db: Completed",
        "exited db",
    ]);
}

#[test]
fn break_carries_an_error_through_two_scopes() {
    let trace = Trace::new();
    let value: Result<u8, &str> = run(async {
        'out: {
            async_with!(trace.open("a"), trace.open("b"), {
                async_with!(trace.open("c"), {
                    break 'out Err("gone");
                })
                .unwrap();
            })
            .unwrap();
            Ok(0)
        }
    });
    assert_eq!(value, Err("gone"));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "entering c",
        "entered c",
        "exiting c: Failed",
        "exited c",
        "exiting b: Failed",
        "exited b",
        "exiting a: Failed",
        "exited a",
    ]);
}

#[test]
fn break_carries_an_error_out_of_async_for() {
    let trace = Trace::new();
    let found = run(async {
        async_for!(for n in stream::iter(1..) {
            async_with!(trace.open("db"), {
                break if n == 1 { Err("bad") } else { Ok(n) };
            })
            .unwrap();
        })
    });
    assert_eq!(found, Some(Err("bad")));
    trace.expect(&[
        "entering db",
        "entered db",
        "exiting db: Failed",
        "exited db",
    ]);
}

#[test]
fn body_panics() {
    let trace = Trace::new();
    let message = run_to_panic(async {
        async_with!(trace.open("outer"), trace.open("inner"), {
            let _held = Held("held", trace.clone());
            yield_once().await;
            panic!("boom {}", 1);
        })
    });
    assert_eq!(message, "boom 1");
    trace.expect(&[
        "entering outer",
        "entered outer",
        "entering inner",
        "entered inner",
        "dropped held",
        "exiting inner: Panicked(\"boom 1\")",
        "exited inner",
        "exiting outer: Panicked(\"boom 1\")",
        "exited outer",
    ]);
}

#[test]
fn panic_payload_need_not_be_text() {
    let trace = Trace::new();
    run_to_panic(async { async_with!(trace.open("db"), { std::panic::panic_any(7) }) });
    trace.expect(&[
        "entering db",
        "entered db",
        "exiting db: Panicked(\"\")",
        "exited db",
    ]);
}

#[test]
fn destructor_panics_when_the_body_jumps() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("boom in drop");
        }
    }
    let trace = Trace::new();
    let message = run_to_panic(async {
        for _ in 0..2 {
            async_with!(trace.open("db"), {
                let _bomb = Bomb;
                if trace.lines().len() == 2 {
                    continue;
                }
            })
            .unwrap();
        }
    });
    assert_eq!(message, "boom in drop");
    trace.expect(&[
        "entering db",
        "entered db",
        "exiting db: Panicked(\"boom in drop\")",
        "exited db",
    ]);
}

#[test]
fn destructor_of_a_moved_value_panics_in_the_body() {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.0, "boom in drop");
        }
    }
    let trace = Trace::new();
    let bomb = Bomb(true);
    let message = run_to_panic(async {
        async_with!(trace.open("db"), {
            if trace.lines().is_empty() {
                let mut moved = bomb;
                moved.0 = false;
            }
        })
    });
    assert_eq!(message, "boom in drop");
    trace.expect(&[
        "entering db",
        "entered db",
        "exiting db: Panicked(\"boom in drop\")",
        "exited db",
    ]);
}

#[test]
fn body_never_ends_by_itself() {
    async fn returns(trace: &Trace) -> u8 {
        let mut n = 0;
        async_with!(trace.open("db"), {
            loop {
                n += 1;
                yield_once().await;
                if n == 3 {
                    return n;
                }
            }
        })
        .unwrap()
    }
    let trace = Trace::new();
    assert_eq!(run(returns(&trace)), 3);
    trace.expect(&[
        "entering db",
        "entered db",
        "exiting db: Completed",
        "exited db",
    ]);
}
