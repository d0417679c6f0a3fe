//! Several resources in one `async_with!`.

use forwith::{AsyncEnter, AsyncExit, Outcome, async_for, async_with};
use futures::stream;

use crate::common::{Failure, Trace, run, yield_once};

#[test]
fn items_exit_in_reverse_order() {
    let trace = Trace::new();
    let names = run(async {
        async_with!(
            trace.open("a") as a,
            trace.open("b"),
            trace.open("c") as c,
            {
                trace.note("body");
                (a.name, c.name)
            }
        )
    });
    assert_eq!(names, Ok(("a", "c")));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "entering c",
        "entered c",
        "body",
        "exiting c: Completed",
        "exited c",
        "exiting b: Completed",
        "exited b",
        "exiting a: Completed",
        "exited a",
    ]);
}

#[test]
fn failed_enter_exits_the_earlier_items() {
    async fn three(trace: &Trace, failing: usize) -> Result<(), Failure> {
        let open = |at, name| {
            let open = trace.open(name);
            if at == failing { open.failing() } else { open }
        };
        async_with!(open(0, "a"), open(1, "b"), open(2, "c"), {
            trace.note("body");
        })
    }
    let trace = Trace::new();
    assert_eq!(run(three(&trace, 0)), Err("enter a".into()));
    trace.expect(&["entering a"]);
    assert_eq!(run(three(&trace, 1)), Err("enter b".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "exiting a: Failed",
        "exited a",
    ]);
    assert_eq!(run(three(&trace, 2)), Err("enter c".into()));
    trace.expect(&[
        "entering a",
        "entered a",
        "entering b",
        "entered b",
        "entering c",
        "exiting b: Failed",
        "exited b",
        "exiting a: Failed",
        "exited a",
    ]);
}

#[test]
fn err_value_is_a_failure_for_every_item() {
    let trace = Trace::new();
    let value = run(async {
        async_with!(trace.open("a"), trace.open("b"), trace.open("c"), {
            Err::<u8, _>("no")
        })
    });
    assert_eq!(value, Ok(Err("no")));
    let exiting = trace.beginning_with("exiting");
    assert_eq!(
        exiting,
        [
            "exiting c: Failed",
            "exiting b: Failed",
            "exiting a: Failed"
        ]
    );
}

#[test]
fn jump_from_the_expression_of_a_later_item() {
    async fn second(trace: &Trace, number: &str) -> Result<i32, Failure> {
        for _ in 0..1 {
            async_with!(
                trace.open("a"),
                {
                    if number.is_empty() {
                        break;
                    }
                    let number: i32 = number.parse()?;
                    yield_once().await;
                    if number < 0 {
                        return Ok(number);
                    }
                    trace.open("b")
                },
                { trace.note("body") }
            )?;
        }
        Ok(0)
    }
    let trace = Trace::new();
    assert_eq!(run(second(&trace, "")), Ok(0));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
    ]);
    assert_eq!(run(second(&trace, "-1")), Ok(-1));
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
    ]);
    assert!(run(second(&trace, "x")).is_err());
    trace.expect(&["entering a", "entered a", "exiting a: Failed", "exited a"]);
}

/// A resource that borrows from an earlier one, as a transaction does from its connection.
struct Transaction<'c> {
    connection: &'c mut Connection,
    writes: Vec<u32>,
}

#[derive(Default)]
struct Connection {
    stored: Vec<u32>,
    trace: Trace,
}

impl Connection {
    async fn begin(&mut self) -> Result<Transaction<'_>, Failure> {
        yield_once().await;
        Ok(Transaction {
            connection: self,
            writes: Vec::new(),
        })
    }
}

impl AsyncExit for Transaction<'_> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        yield_once().await;
        if outcome.is_completed() {
            self.connection.stored.extend(self.writes);
        }
        Ok(())
    }
}

impl AsyncExit for Connection {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        yield_once().await;
        self.trace
            .note(format!("{outcome:?} with {:?}", self.stored));
        Ok(())
    }
}

#[test]
fn later_item_borrows_from_an_earlier_one() {
    let trace = Trace::new();
    let connect = || async {
        Ok(Connection {
            trace: trace.clone(),
            ..Connection::default()
        })
    };
    run(async {
        async_with!(connect() as connection, connection.begin() as tx, {
            tx.writes.push(1);
        })
    })
    .unwrap();
    trace.expect(&["Completed with [1]"]);

    run(async {
        async_with!(connect() as connection, {
            for n in 0..4 {
                let kept = async_with!(connection.begin() as tx, {
                    tx.writes.push(n);
                    if n % 2 == 0 { Ok(()) } else { Err("odd") }
                });
                trace.note(format!("{kept:?}"));
            }
            connection.stored.len()
        })
    })
    .unwrap();
    trace.expect(&[
        "Ok(Ok(()))",
        "Ok(Err(\"odd\"))",
        "Ok(Ok(()))",
        "Ok(Err(\"odd\"))",
        "Completed with [0, 2]",
    ]);
}

#[test]
fn items_take_every_kind_of_pattern() {
    struct Pair(u8, (u8, u8));
    impl AsyncExit for Pair {
        type Error = Failure;
        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            if self.0 == 10 {
                Ok(())
            } else {
                Err("not changed".into())
            }
        }
    }
    let pair = || std::future::ready(Ok(Pair(1, (2, 3))));
    let sum = run(async {
        async_with!(pair() as Pair(a, (b, _)), pair() as whole, {
            *a = 10;
            whole.0 = 10;
            *a + *b
        })
    });
    assert_eq!(sum, Ok(12));
}

async fn generic<E>(enter: E) -> Result<usize, <E::Resource as AsyncExit>::Error>
where
    E: AsyncEnter<Resource: AsRef<str>>,
{
    async_with!(enter as text, { text.as_ref().len() })
}

#[test]
fn items_of_generic_types() {
    struct Text(&'static str);
    impl AsRef<str> for Text {
        fn as_ref(&self) -> &str {
            self.0
        }
    }
    impl AsyncExit for Text {
        type Error = ();
        async fn exit(self, _: Outcome<'_>) -> Result<(), ()> {
            Ok(())
        }
    }
    assert_eq!(run(generic(async { Ok(Text("four")) })), Ok(4));
    assert_eq!(run(generic(async { Err::<Text, _>(()) })), Err(()));
}

#[test]
#[allow(
    clippy::redundant_closure_call,
    clippy::unnecessary_literal_unwrap,
    reason = "of every kind"
)]
fn headers_take_every_kind_of_expression() {
    let trace = Trace::new();
    let opens = std::collections::BTreeMap::<u8, &'static str>::from([(1, "a")]);
    let slot = Some(trace.open("b"));
    run(async {
        async_with!(
            trace.open(opens.get(&1).copied().unwrap_or_default()),
            async { slot.unwrap().enter().await } as b,
            if b.name == "b" { trace.open("c") } else { trace.open("d") },
            std::convert::identity::<crate::common::Open>(trace.open("e")) as _,
            (|name, _: u8| trace.open(name))("f", 0) as crate::common::Probe { name, .. },
            { assert_eq!(*name, "f") },
        )
    })
    .unwrap();
    let entered = trace.beginning_with("entered");
    assert_eq!(
        entered,
        [
            "entered a",
            "entered b",
            "entered c",
            "entered e",
            "entered f"
        ]
    );
}

#[test]
fn each_item_is_a_resource() {
    let trace = Trace::new();
    run(async {
        async_for!(for name in stream::iter(["a", "b"]) {
            async_with!(trace.open(name), {}).unwrap();
        });
    });
    trace.expect(&[
        "entering a",
        "entered a",
        "exiting a: Completed",
        "exited a",
        "entering b",
        "entered b",
        "exiting b: Completed",
        "exited b",
    ]);
}
