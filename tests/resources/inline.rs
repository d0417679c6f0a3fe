//! The body is inline code: borrows, moves, returns and inference work as they do outside.

use std::error::Error;
use std::fmt::Debug;

use forwith::{async_for, async_with};
use futures::stream;

use crate::common::{Failure, Trace, run, yield_once};

#[test]
fn locals_are_borrowed_and_moved() {
    let trace = Trace::new();
    let moved = String::from("moved");
    let mut borrowed = vec![1];
    let text = run(async {
        let shared = &trace;
        let text = async_with!(shared.open("a"), {
            yield_once().await;
            borrowed.push(2);
            let slot = &mut borrowed;
            slot.push(3);
            let taken = moved;
            taken + "!"
        });
        borrowed.push(4);
        text
    });
    assert_eq!(text, Ok("moved!".into()));
    assert_eq!(borrowed, [1, 2, 3, 4]);
}

#[test]
fn references_to_outer_locals_outlive_the_body() {
    async fn longest<'a>(trace: &Trace, words: &'a [String]) -> Result<&'a str, Failure> {
        let mut best = "";
        async_with!(trace.open("a"), {
            for word in words {
                yield_once().await;
                if word.len() > best.len() {
                    best = word;
                }
            }
            if best.is_empty() {
                return Ok(words.first().map_or("none", String::as_str));
            }
        })?;
        Ok(best)
    }
    let trace = Trace::new();
    let words = ["a".to_owned(), "bcd".to_owned(), "ef".to_owned()];
    assert_eq!(run(longest(&trace, &words)), Ok("bcd"));
    assert_eq!(run(longest(&trace, &[])), Ok("none"));
}

#[test]
fn question_marks_work_inside_unparsed_macros() {
    async fn adds(trace: &Trace, text: &str) -> Result<String, Failure> {
        let sum = async_with!(trace.open("a"), {
            let line = format!("{}", text.parse::<i32>()?);
            tokio::select! {
                biased;
                value = async { line.parse::<i32>() } => value? + 1,
            }
        })?;
        Ok(sum.to_string())
    }
    let trace = Trace::new();
    assert_eq!(run(adds(&trace, "41")), Ok("42".into()));
    assert!(run(adds(&trace, "x")).is_err());
    assert_eq!(
        trace.lines()[4..],
        ["entering a", "entered a", "exiting a: Failed", "exited a"]
    );
}

#[test]
fn type_of_the_body_is_inferred() {
    let trace = Trace::new();
    let parsed: Result<u64, _> =
        run(async { async_with!(trace.open("a"), { "5".parse().unwrap() }) });
    assert_eq!(parsed, Ok(5));
    let collected = run(async { async_with!(trace.open("a"), { (0..3).collect() }) });
    assert_eq!(collected, Ok(vec![0, 1, 2]));
}

#[test]
fn async_block_needs_no_annotations() {
    let trace = Trace::new();
    let value = run(async {
        let n = async_with!(trace.open("a"), { "7".parse::<u8>()? })?;
        Ok::<_, Failure>(n)
    });
    assert_eq!(value, Ok(7));
}

#[test]
fn returned_values_coerce() {
    async fn boxed(trace: &Trace, n: u8) -> Result<Box<dyn Debug>, Box<dyn Error>> {
        async_with!(trace.open("a"), {
            match n {
                0 => return Err(Box::new(std::fmt::Error)),
                1 => return Ok(Box::new("text")),
                2 => Err("from a string")?,
                _ => {}
            }
        })
        .map_err(|failure| failure.0)?;
        Ok(Box::new(n))
    }
    let trace = Trace::new();
    assert!(run(boxed(&trace, 0)).unwrap_err().is::<std::fmt::Error>());
    assert_eq!(format!("{:?}", run(boxed(&trace, 1)).unwrap()), "\"text\"");
    assert_eq!(
        run(boxed(&trace, 2)).unwrap_err().to_string(),
        "from a string"
    );
    assert_eq!(format!("{:?}", run(boxed(&trace, 3)).unwrap()), "3");
    let outcomes = trace.beginning_with("exiting");
    assert_eq!(
        outcomes,
        [
            "exiting a: Failed",
            "exiting a: Completed",
            "exiting a: Failed",
            "exiting a: Completed"
        ]
    );
}

#[test]
fn values_of_bodies_and_jumps_coerce() {
    async fn boxed(trace: &Trace) -> Result<Box<dyn Debug>, Failure> {
        async_with!(trace.open("a"), { Box::new(1) })
    }
    async fn slice(trace: &Trace) -> Result<&'static [u8], Failure> {
        async_with!(trace.open("a"), trace.open("b"), { &[1, 2] })
    }
    let trace = Trace::new();
    assert_eq!(format!("{:?}", run(boxed(&trace)).unwrap()), "1");
    assert_eq!(run(slice(&trace)).unwrap(), [1, 2]);
    let broken: Box<dyn Debug> = run(async {
        loop {
            async_with!(trace.open("a"), {
                if trace.lines().is_empty() {
                    continue;
                }
                break Box::new("text");
            })
            .unwrap();
        }
    });
    assert_eq!(format!("{broken:?}"), "\"text\"");
}

#[test]
fn unnameable_types_are_returned() {
    async fn numbers(trace: &Trace, few: bool) -> impl Iterator<Item = u8> + use<> {
        async_with!(trace.open("a"), {
            if few {
                return 0..2;
            }
        })
        .unwrap();
        0..4
    }
    let trace = Trace::new();
    assert_eq!(run(numbers(&trace, true)).count(), 2);
    assert_eq!(run(numbers(&trace, false)).count(), 4);
}

#[test]
fn body_of_a_function_that_never_returns() {
    async fn serve(trace: &Trace) -> std::convert::Infallible {
        loop {
            async_with!(trace.open("a"), {
                assert!(trace.lines().len() <= 4, "shut down");
            })
            .unwrap();
        }
    }
    let trace = Trace::new();
    assert_eq!(crate::common::run_to_panic(serve(&trace)), "shut down");
}

#[test]
fn recursion_goes_through_a_box() {
    fn depth(
        trace: &Trace,
        n: usize,
    ) -> std::pin::Pin<Box<dyn Future<Output = usize> + Send + '_>> {
        Box::pin(async move {
            async_with!(trace.open("a"), {
                if n == 0 {
                    0
                } else {
                    1 + depth(trace, n - 1).await
                }
            })
            .unwrap()
        })
    }
    let trace = Trace::new();
    assert_eq!(run(depth(&trace, 5)), 5);
    assert_eq!(trace.lines().len(), 6 * 4);
}

#[test]
#[allow(
    clippy::await_holding_lock,
    reason = "the point: it is held while entering, and no longer"
)]
fn header_temporaries_are_dropped_before_the_body() {
    let trace = Trace::new();
    let lock = std::sync::Mutex::new(trace.clone());
    run(async {
        async_with!(lock.lock().unwrap().open("a"), {
            assert!(lock.try_lock().is_ok());
        })
    })
    .unwrap();
}

#[test]
fn loop_header_temporaries_outlive_the_loop() {
    struct Numbers(Vec<u8>);
    impl Numbers {
        fn stream(&self) -> impl futures::Stream<Item = &u8> {
            stream::iter(&self.0)
        }
    }
    let mut sum = 0;
    run(async {
        async_for!(for n in Numbers(vec![1, 2, 3]).stream() {
            yield_once().await;
            sum += n;
        });
    });
    assert_eq!(sum, 6);
}

#[test]
fn self_is_used_in_methods_and_closures() {
    struct Service {
        trace: Trace,
        hits: u32,
    }
    impl Service {
        async fn hit(&mut self) -> u32 {
            async_with!(self.trace.open("a"), {
                self.hits += 1;
                self.hits
            })
            .unwrap()
        }
    }
    let mut service = Service {
        trace: Trace::new(),
        hits: 0,
    };
    run(async {
        service.hit().await;
        let again =
            async |n: u32| async_with!(service.trace.open("b"), { service.hits + n }).unwrap();
        assert_eq!(again(10).await, 11);
    });
}
