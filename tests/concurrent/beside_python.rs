//! Concurrent loops beside `asyncio.TaskGroup` and Trio's nursery, with a task for each item of an
//! `async for`.
//!
//! `beside_python.py` has the situations in Python, and was written with Python 3.11.7 and Trio
//! 0.22.2. Where one of them is not there, a test says so, and asserts the rest. Ours run on tokio.
//! Time is virtual in all three.
//!
//! | | asyncio | Trio | `#[concurrent(n)]` |
//! |---|---|---|---|
//! | the other exits, where a body fails | awaited | cut, unless shielded | awaited |
//! | the other exits, where the loop is cancelled | awaited | cut, unless shielded | awaited |
//! | two bodies that fail at once | a group of both | a group of one | the first |
//! | an exit that fails beside a failure | in the group | in the group | reported |
//! | how a body ends the loop | an exception | an exception | `break value` |
//! | where no item comes | bodies end | bodies end | bodies end |
//! | items beyond a limit | fetched | fetched | not yet fetched |
//! | items behind a failure | lost | lost | still in the stream |
//! | a source that is waited for, behind a failure | over | over | may go on |
//! | order of the values | of the items, by hand | by hand | of the items: `#[collect]` |

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::future::{Ready, ready};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use forwith::source::from_fn;
use forwith::{AsyncExit, Outcome, async_for, async_with, scope};
use futures::{StreamExt as _, stream};
use tokio::time::{Instant, sleep};

use crate::common::{Failure, Trace, hook};

/// What happened in each situation, by the names of the library and the situation.
type Happened = HashMap<String, Vec<String>>;

/// The situations in Python. `None` where there is none that is new enough.
fn in_python() -> Option<&'static Happened> {
    static HAPPENED: OnceLock<Option<Happened>> = OnceLock::new();
    HAPPENED.get_or_init(|| python().map(run_in)).as_ref()
}

/// The command for a Python that has task groups.
fn python() -> Option<&'static str> {
    let has_groups = |python: &&str| {
        let ask = "import sys; sys.exit(sys.version_info < (3, 11))";
        let asked = Command::new(python).arg("-c").arg(ask).output();
        asked.is_ok_and(|output| output.status.success())
    };
    ["python3", "python"].into_iter().find(has_groups)
}

fn run_in(python: &str) -> Happened {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/concurrent/beside_python.py"
    );
    let output = Command::new(python).arg(script).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let (mut happened, mut name) = (Happened::new(), String::new());
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        if let Some(line) = line.strip_prefix("    ") {
            happened.get_mut(&name).unwrap().push(line.to_owned());
        } else {
            line.clone_into(&mut name);
            happened.insert(name.clone(), Vec::new());
        }
    }
    happened
}

/// Asserts what happens on one of the libraries, if it is there.
#[track_caller]
fn expect_in_python(library: &str, situation: &str, lines: &[&str]) {
    let Some(happened) = in_python() else {
        return println!("not compared: there is no Python 3.11 or newer here");
    };
    let is_of_library = |name: &String| name.starts_with(library);
    if !happened.keys().any(is_of_library) {
        return println!("not compared: this Python has no {library}");
    }
    let happened = &happened[&format!("{library} {situation}")];
    assert_eq!(by_second(happened), by_second(lines), "{library}");
}

/// The lines of each second, sorted: tasks of Trio run in a random order.
fn by_second<L: AsRef<str>>(lines: &[L]) -> BTreeMap<String, Vec<String>> {
    let mut seconds = BTreeMap::<_, Vec<_>>::new();
    for line in lines {
        let (second, line) = line.as_ref().split_once(": ").unwrap();
        seconds
            .entry(second.to_owned())
            .or_default()
            .push(line.to_owned());
    }
    for lines in seconds.values_mut() {
        lines.sort();
    }
    seconds
}

/// A trace with times.
struct Log {
    trace: Trace,
    begun: Instant,
}

impl Log {
    fn new() -> Self {
        Log {
            trace: Trace::new(),
            begun: Instant::now(),
        }
    }

    fn note(&self, what: impl AsRef<str>) {
        let now = self.begun.elapsed().as_secs();
        self.trace.note(format!("{now} s: {}", what.as_ref()));
    }

    /// Notes how a loop ends.
    fn end(&self, ended: Result<(), Failure>) {
        match ended {
            Ok(()) => self.note("loop ends"),
            Err(failure) => self.note(format!("loop fails: {}", failure.0)),
        }
    }

    fn begin(&self, item: u32) -> Ready<Result<Transaction<'_>, Failure>> {
        ready(Ok(Transaction {
            log: self,
            item,
            exit_fails: false,
        }))
    }
}

/// A resource whose exit takes a second.
struct Transaction<'a> {
    log: &'a Log,
    item: u32,
    exit_fails: bool,
}

impl AsyncExit for Transaction<'_> {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        let Transaction { log, item, .. } = self;
        let why = match outcome {
            Outcome::Completed => "completed",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
            _ => unreachable!("no body panics"),
        };
        log.note(format!("{item} exits: {why}"));
        if self.exit_fails {
            return Err(Failure(format!("exit of {item}")));
        }
        seconds(1).await;
        log.note(format!("{item} has exited"));
        Ok(())
    }
}

fn failure(item: u32) -> Failure {
    Failure(item.to_string())
}

async fn seconds(n: u32) {
    sleep(Duration::from_secs(n.into())).await;
}

#[tokio::test(start_paused = true)]
async fn first_failure() {
    let awaited = [
        "1 s: 1 exits: failed",
        "2 s: 1 has exited",
        "2 s: 2 exits: cancelled",
        "2 s: 3 exits: cancelled",
        "3 s: 2 has exited",
        "3 s: 3 has exited",
        "3 s: loop fails: 1",
    ];
    expect_in_python("asyncio", "first_failure", &awaited);
    expect_in_python(
        "trio",
        "first_failure",
        &[
            "1 s: 1 exits: failed",
            "2 s: 1 has exited",
            "2 s: 2 exits: cancelled",
            "2 s: 2 is cut",
            "2 s: 3 exits: cancelled",
            "2 s: 3 is cut",
            "2 s: loop fails: 1",
        ],
    );
    let log = Log::new();
    let work = async {
        async_for!(
            #[concurrent(unlimited)]
            for item in stream::iter(1..4) {
                async_with!(log.begin(item), {
                    seconds(if item == 1 { 1 } else { 10 }).await;
                    Err(failure(item))?;
                })?;
            }
        );
        Ok(())
    };
    log.end(work.await);
    log.trace.expect(&awaited);
}

#[tokio::test(start_paused = true)]
async fn two_failures_at_once() {
    expect_in_python(
        "asyncio",
        "two_failures_at_once",
        &[
            "1 s: a body fails",
            "1 s: a body fails",
            "1 s: loop fails: boom, boom",
        ],
    );
    let one = ["1 s: a body fails", "1 s: loop fails: boom"];
    expect_in_python("trio", "two_failures_at_once", &one);
    let log = Log::new();
    let work = async {
        async_for!(
            #[concurrent(unlimited)]
            for _ in stream::iter(1..3) {
                seconds(1).await;
                log.note("a body fails");
                Err("boom")?;
            }
        );
        Ok(())
    };
    log.end(work.await);
    log.trace.expect(&one);
}

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[tokio::test(start_paused = true)]
async fn failing_exit() {
    let grouped = [
        "1 s: 1 exits: failed",
        "2 s: 1 has exited",
        "2 s: 2 exits: cancelled",
        "2 s: loop fails: 1, exit of 2",
    ];
    expect_in_python("asyncio", "failing_exit", &grouped);
    expect_in_python("trio", "failing_exit", &grouped);
    hook::set(|told| TOLD.with_borrow_mut(|all| all.push(hook::shown(told))));
    let log = Log::new();
    let begin = async |item| {
        let transaction = log.begin(item).await?;
        Ok(Transaction {
            exit_fails: item == 2,
            ..transaction
        })
    };
    let work = async {
        async_for!(
            #[concurrent(unlimited)]
            for item in stream::iter(1..3) {
                async_with!(begin(item), {
                    seconds(if item == 1 { 1 } else { 10 }).await;
                    Err(failure(item))?;
                })?;
            }
        );
        Ok(())
    };
    log.end(work.await);
    log.trace.expect(&[
        "1 s: 1 exits: failed",
        "2 s: 1 has exited",
        "2 s: 2 exits: cancelled",
        "2 s: loop fails: 1",
    ]);
    assert_eq!(TOLD.take(), [r#"Failure("exit of 2")"#]);
}

#[tokio::test(start_paused = true)]
async fn cancelled_from_outside() {
    let awaited = [
        "1 s: 1 exits: cancelled",
        "1 s: 2 exits: cancelled",
        "2 s: 1 has exited",
        "2 s: 2 has exited",
        "2 s: loop is cancelled",
    ];
    expect_in_python("asyncio", "cancelled_from_outside", &awaited);
    expect_in_python(
        "trio",
        "cancelled_from_outside",
        &[
            "1 s: 1 exits: cancelled",
            "1 s: 1 is cut",
            "1 s: 2 exits: cancelled",
            "1 s: 2 is cut",
            "1 s: loop is cancelled",
        ],
    );
    let log = Log::new();
    let work = async {
        async_for!(
            #[concurrent(unlimited)]
            for item in stream::iter(1..3) {
                async_with!(log.begin(item), { seconds(10).await })?;
            }
        );
        Ok::<_, Failure>(())
    };
    match scope(work, seconds(1)).await {
        Err(_) => log.note("loop is cancelled"),
        Ok(ended) => log.end(ended),
    }
    log.trace.expect(&awaited);
}

#[tokio::test(start_paused = true)]
async fn value_found() {
    let awaited = [
        "1 s: 1 exits: cancelled",
        "2 s: 1 has exited",
        "2 s: loop gives 2",
    ];
    expect_in_python("asyncio", "value_found", &awaited);
    expect_in_python(
        "trio",
        "value_found",
        &[
            "1 s: 1 exits: cancelled",
            "1 s: 1 is cut",
            "1 s: loop gives 2",
        ],
    );
    let log = Log::new();
    let work = async {
        let found = async_for!(
            #[concurrent(unlimited)]
            for item in stream::iter(1..3) {
                if item == 1 {
                    async_with!(log.begin(item), { seconds(10).await })?;
                }
                seconds(1).await;
                break item;
            }
        );
        Ok::<_, Failure>(found)
    };
    let found = work.await.unwrap().unwrap();
    log.note(format!("loop gives {found}"));
    log.trace.expect(&awaited);
}

/// A `break` between the items, which in Python is in the loop that starts the tasks.
#[tokio::test(start_paused = true)]
async fn no_more_items() {
    let ended = [
        "1 s: 1 exits: completed",
        "1 s: 2 exits: completed",
        "2 s: 1 has exited",
        "2 s: 2 has exited",
        "2 s: loop ends",
    ];
    expect_in_python("asyncio", "no_more_items", &ended);
    expect_in_python("trio", "no_more_items", &ended);
    let log = Log::new();
    let work = async {
        let items = stream::iter(1..4).take_while(|item| ready(*item != 3));
        async_for!(
            #[concurrent(unlimited)]
            for item in items {
                async_with!(log.begin(item), { seconds(1).await })?;
            }
        );
        Ok(())
    };
    log.end(work.await);
    log.trace.expect(&ended);
}

#[tokio::test(start_paused = true)]
async fn limit() {
    let all_fetched = [
        "0 s: 1 is fetched",
        "0 s: 2 is fetched",
        "0 s: 3 is fetched",
        "0 s: 4 is fetched",
        "0 s: 1 begins",
        "0 s: 2 begins",
        "1 s: 3 begins",
        "1 s: 4 begins",
        "2 s: loop ends",
    ];
    expect_in_python("asyncio", "limit", &all_fetched);
    // Its tasks begin in any order, and so any two of them are the first.
    if let Some(happened) = in_python().and_then(|happened| happened.get("trio limit")) {
        let of_source = |lines: &[String]| lines[..4].join(", ");
        assert_eq!(of_source(happened), all_fetched[..4].join(", "));
    }
    let log = Log::new();
    let items = stream::iter(1..5).inspect(|item| log.note(format!("{item} is fetched")));
    async_for!(
        #[concurrent(2)]
        for item in items {
            log.note(format!("{item} begins"));
            seconds(1).await;
        }
    );
    log.end(Ok(()));
    log.trace.expect(&[
        "0 s: 1 is fetched",
        "0 s: 1 begins",
        "0 s: 2 is fetched",
        "0 s: 2 begins",
        "1 s: 3 is fetched",
        "1 s: 3 begins",
        "1 s: 4 is fetched",
        "1 s: 4 begins",
        "2 s: loop ends",
    ]);
}

#[tokio::test(start_paused = true)]
async fn items_behind_a_failure() {
    let lost = [
        "0 s: 1 is fetched",
        "0 s: 2 is fetched",
        "0 s: 3 is fetched",
        "1 s: loop fails: boom",
        "1 s: loop leaves []",
    ];
    expect_in_python("asyncio", "items_behind_a_failure", &lost);
    expect_in_python("trio", "items_behind_a_failure", &lost);
    let log = Log::new();
    let mut items = stream::iter(1..4).inspect(|item| log.note(format!("{item} is fetched")));
    let work = async {
        async_for!(
            #[concurrent(1)]
            for _ in &mut items {
                seconds(1).await;
                Err("boom")?;
            }
        );
        Ok(())
    };
    log.end(work.await);
    log.trace
        .expect(&["0 s: 1 is fetched", "1 s: loop fails: boom"]);
    let left: Vec<_> = items.collect().await;
    assert_eq!(left, [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn failure_while_an_item_is_awaited() {
    let over = [
        "1 s: source is cancelled",
        "1 s: loop fails: 1",
        "1 s: loop leaves []",
    ];
    expect_in_python("asyncio", "failure_while_an_item_is_awaited", &over);
    expect_in_python("trio", "failure_while_an_item_is_awaited", &over);
    let log = Log::new();
    let mut given = 0;
    let mut slow = from_fn(async || {
        if given > 0 {
            seconds(10).await;
        }
        given += 1;
        (given < 3).then_some(given)
    });
    let work = async {
        async_for!(
            #[concurrent(unlimited)]
            for item in &mut slow {
                seconds(1).await;
                Err(failure(item))?;
            }
        );
        Ok(())
    };
    log.end(work.await);
    let mut left = Vec::new();
    async_for!(for item in slow {
        left.push(item);
    });
    log.note(format!("loop leaves {left:?}"));
    log.trace
        .expect(&["1 s: loop fails: 1", "21 s: loop leaves [2]"]);
}

#[tokio::test(start_paused = true)]
async fn order_of_values() {
    expect_in_python("asyncio", "order_of_values", &["3 s: loop gives [1, 2, 3]"]);
    expect_in_python("trio", "order_of_values", &["3 s: loop gives [3, 2, 1]"]);
    let log = Log::new();
    let values = async_for!(
        #[concurrent(unlimited)]
        #[collect]
        for item in stream::iter(1..4) {
            seconds(4 - item).await;
            item
        }
    );
    log.note(format!("loop gives {values:?}"));
    log.trace.expect(&["3 s: loop gives [1, 2, 3]"]);
}
