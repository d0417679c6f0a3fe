//! Resources side by side whose future is dropped: while they are entered, in the body, and while
//! they are exited.

use std::collections::BTreeSet;
use std::future::{Ready, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use forwith::resource::maybe;
use forwith::{
    AsyncEnter, AsyncEnterExt, AsyncExit, ExitStack, Handoff, Outcome, OwnedExit, OwnedOutcome,
    async_with, scope, side_by_side,
};

use crate::common::{Failure, Trace, poll, run, run_for, turns, yield_once};
use crate::outlives::{Owned, Queue, borrowed, owned, reaped};
use crate::reapers::{drop_midway, quietly, told};

type Opened = Ready<Result<Owned, Failure>>;

fn open(trace: &Trace, name: &'static str) -> Opened {
    ready(Ok(owned(trace, name)))
}

#[test]
fn bodies_exits_begin_in_the_reaper_side_by_side() {
    let lines = [
        "later",
        "exiting c: Cancelled",
        "exiting b: Cancelled",
        "exited c",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ];
    let (happened, reports) = reaped(async |trace| {
        let both = side_by_side((open(trace, "b"), open(trace, "c")));
        async_with!(open(trace, "a"), both, { pending::<()>().await })
    });
    assert_eq!(
        (&happened[..], &reports[..]),
        (&lines.map(String::from)[..], &[][..])
    );
    let (happened, reports) = reaped(async |trace| {
        let both = ["b", "c"].map(|name| open(trace, name));
        async_with!(open(trace, "a"), side_by_side(both), {
            pending::<()>().await
        })
    });
    assert_eq!(
        (&happened[..], &reports[..]),
        (&lines.map(String::from)[..], &[][..])
    );
}

#[test]
fn exits_go_on_in_the_reaper_side_by_side() {
    let lines = [
        "exiting c: Completed",
        "exiting b: Completed",
        "later",
        "exited c",
        "exited b",
        "exiting a: Cancelled",
        "exited a",
    ];
    let (happened, reports) = reaped(async |trace| {
        let both = side_by_side((open(trace, "b"), maybe(Some(open(trace, "c")))));
        async_with!(open(trace, "a"), both, {})
    });
    assert_eq!(
        (&happened[..], &reports[..]),
        (&lines.map(String::from)[..], &[][..])
    );
    let (happened, reports) = reaped(async |trace| {
        let both = vec![owned(trace, "b"), owned(trace, "c")];
        async_with!(open(trace, "a"), async { Ok(both) }, {})
    });
    assert_eq!(
        (&happened[..], &reports[..]),
        (&lines.map(String::from)[..], &[][..])
    );
}

#[test]
fn enters_go_on_beside_the_exits_of_those_entered() {
    async fn slow(trace: Trace, name: &'static str) -> Result<Owned, Failure> {
        trace.note(format!("entering {name}"));
        turns(2).await;
        trace.note(format!("entered {name}"));
        Ok(owned(&trace, name))
    }

    let (lines, reports) = reaped(async |trace| {
        let enters = (
            open(trace, "b"),
            slow(trace.clone(), "c").outliving(),
            slow(trace.clone(), "d"), // is dropped
        );
        async_with!(open(trace, "a"), side_by_side(enters), {})
    });
    assert_eq!(
        lines,
        [
            "entering c",
            "entering d",
            "later",
            "exiting b: Cancelled",
            "entered c",
            "exiting c: Cancelled",
            "exited b",
            "exited c",
            "exiting a: Cancelled",
            "exited a",
        ]
    );
    assert_eq!(reports, [""; 0]);
}

#[test]
fn all_enters_go_on_together() {
    async fn slow(trace: Trace, name: &'static str, fails: bool) -> Result<Owned, Failure> {
        trace.note(format!("entering {name}"));
        turns(2).await;
        if fails {
            return Err("refused".into());
        }
        Ok(owned(&trace, name))
    }

    let entering = ["entering b", "entering c", "entering d", "later"];
    let exits = |names: &str, outcome: &str| -> Vec<String> {
        let exiting = names
            .chars()
            .map(|name| format!("exiting {name}: {outcome}"));
        let exited = names.chars().map(|name| format!("exited {name}"));
        let outer = ["exiting a: Cancelled", "exited a"].map(String::from);
        exiting.chain(exited).chain(outer).collect()
    };
    for form in 0..3 {
        for fails in [false, true] {
            let (lines, reports) = reaped(async |trace| {
                let enters =
                    ["b", "c", "d"].map(|name| slow(trace.clone(), name, fails && name == "d"));
                match form {
                    0 => {
                        let [b, c, d] = enters;
                        let enters = side_by_side((b, c, d)).outliving();
                        async_with!(open(trace, "a"), enters, {})
                    }
                    1 => async_with!(open(trace, "a"), side_by_side(enters).outliving(), {}),
                    _ => {
                        let enters = side_by_side(Vec::from(enters)).outliving();
                        async_with!(open(trace, "a"), enters, {})
                    }
                }
            });
            let exits = if fails {
                exits("cb", "Failed")
            } else {
                exits("dcb", "Cancelled")
            };
            assert_eq!(lines, [&entering.map(String::from)[..], &exits].concat());
            assert_eq!(reports, [""; 0]);
        }
    }
}

#[test]
fn exits_behind_a_failed_enter_go_on() {
    let (lines, reports) = reaped(async |trace| {
        let fails = async { Err::<Owned, Failure>("refused".into()) };
        let enters = (open(trace, "b"), open(trace, "c"), fails);
        async_with!(open(trace, "a"), side_by_side(enters), {})
    });
    assert_eq!(
        lines,
        [
            "exiting c: Failed",
            "exiting b: Failed",
            "later",
            "exited c",
            "exited b",
            "exiting a: Cancelled",
            "exited a",
        ]
    );
    assert_eq!(reports, [""; 0]);
}

#[test]
fn each_is_reported_by_its_own_name() {
    for (polls, expected) in [
        // The enters are ready at once, and the body waits once.
        (1, ["Borrowed<'_> Lost: Lost", "Owned Lost: Lost"]),
        (2, ["Borrowed<'_> Cut: Cut", "Owned Cut: Cut"]),
    ] {
        let trace = Trace::new();
        let ((), reports) = told(|| {
            let enters = (open(&trace, "a"), ready(Ok(borrowed(&trace, "b"))));
            assert!(!run_for(polls, async {
                async_with!(side_by_side(enters), { yield_once().await })
            }));
        });
        assert_eq!(reports, expected);
    }
    // With a reaper, the borrowed one alone is.
    let trace = Trace::new();
    let ((), reports) = told(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let enters = (open(&trace, "a"), ready(Ok(borrowed(&trace, "b"))));
        drop_midway(async { async_with!(side_by_side(enters), {}) });
        queue.run();
    });
    trace.expect(&[
        "exiting b: Completed",
        "exiting a: Completed",
        "dropped b",
        "exited a",
    ]);
    assert_eq!(reports, ["Borrowed<'_> Cut: Cut"]);
}

#[test]
fn grace_that_is_over_lets_owned_exits_go_on() {
    let trace = Trace::new();
    quietly(|| {
        let queue = Queue::new();
        queue.reaper.install();
        let enters = (open(&trace, "a"), open(&trace, "b"));
        let work = async { async_with!(side_by_side(enters), { pending::<()>().await }) };
        let ended = run(scope(work, poll(0)).grace(|| ready(())));
        assert!(!ended.unwrap_err().is_graceful());
        queue.run();
    });
    trace.expect(&[
        "exiting b: Cancelled",
        "exiting a: Cancelled",
        "exited b",
        "exited a",
    ]);
}

/// A server that grants locks and takes them back, with a delay before and behind.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<BTreeSet<u32>>>);

impl Server {
    /// It is granted half-way.
    async fn lock(self, number: u32) -> Result<Lock, Failure> {
        turns(number % 3).await;
        self.0.lock().unwrap().insert(number);
        turns(2).await;
        Ok(Lock(self, number))
    }

    /// It is granted at the end, so that none is held by an enter that is dropped.
    async fn borrow(&self, number: u32) -> Result<BorrowedLock<'_>, Failure> {
        turns(number % 3 + 1).await;
        self.0.lock().unwrap().insert(number);
        Ok(BorrowedLock(self, number))
    }

    async fn refuse<R>(turns_before: u32) -> Result<R, Failure> {
        turns(turns_before).await;
        Err("refused".into())
    }

    async fn unlock(&self, number: u32) {
        turns(number % 4).await;
        assert!(self.0.lock().unwrap().remove(&number));
        yield_once().await;
    }

    fn held(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

struct Lock(Server, u32);

impl OwnedExit for Lock {
    type Error = Failure;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Failure> {
        self.0.unlock(self.1).await;
        Ok(())
    }
}

struct BorrowedLock<'a>(&'a Server, u32);

impl AsyncExit for BorrowedLock<'_> {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        // So that a lock that is held is one whose exit has not ended.
        turns(self.1 % 4 + 1).await;
        assert!(self.0.0.lock().unwrap().remove(&self.1));
        Ok(())
    }
}

type Work<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// Enters in each form, alone, in each other, in a resource and in a stack, and some that fail.
macro_rules! works {
    ($works:ident, $server:lifetime, |$s:ident| $open:expr, |$turns:ident| $refuse:expr) => {
        fn $works<'s>($s: &$server Server) -> Vec<Work<'s>>
        where
            $server: 's,
        {
            let open = |number: u32| $open(number);
            let refuse = |$turns: u32| $refuse;
            vec![
                Box::pin(async move {
                    async_with!(side_by_side((open(1), open(2), open(3))), { turns(2).await })
                }),
                Box::pin(async move {
                    async_with!(side_by_side([open(1), open(2), open(3)]), { turns(2).await })
                }),
                Box::pin(async move {
                    let inner = side_by_side(vec![open(2), open(3)]);
                    let outer = side_by_side((open(1), inner, maybe(Some(open(4)))));
                    async_with!(open(5), outer, { turns(2).await })
                }),
                Box::pin(async move {
                    let many = (0..40).map(open).collect::<Vec<_>>();
                    async_with!(open(50), side_by_side(many), { turns(1).await })
                }),
                Box::pin(async move {
                    async_with!(ExitStack::new() as stack, {
                        stack.enter(open(1)).await?;
                        stack.enter_all([open(2), open(3), open(4)]).await?;
                        turns(2).await;
                    })
                }),
                Box::pin(async move {
                    let enters = (open(1), open(2), refuse(3), open(5));
                    async_with!(open(6), side_by_side(enters), {})
                }),
                Box::pin(async move {
                    async_with!(side_by_side((open(1), open(2), open(3))), {
                        turns(1).await;
                        Err(Failure::from("no"))?;
                    })
                }),
            ]
        }
    };
}

fn outliving(server: &Server, number: u32) -> impl AsyncEnter<Resource = Lock> + use<> {
    server.clone().lock(number).outliving()
}

fn borrowing(server: &Server, number: u32) -> impl AsyncEnter<Resource = BorrowedLock<'_>> {
    server.borrow(number)
}

works!(
    owned_works,
    's,
    |server| |number| outliving(server, number),
    |turns| Server::refuse::<Lock>(turns)
);
works!(
    borrowed_works,
    's,
    |server| |number| borrowing(server, number),
    |turns| Server::refuse::<BorrowedLock<'_>>(turns)
);

#[test]
fn owned_ones_are_never_held_or_lost() {
    let mut drops = 0;
    for at in 0..owned_works(&Server::default()).len() {
        for polls in 1.. {
            let server = Server::default();
            let has_ended = quietly(|| {
                let queue = Queue::new();
                queue.reaper.install();
                let work = owned_works(&server).swap_remove(at);
                let has_ended = run_for(polls, work);
                // What has been handed over in one drop is one future.
                queue.run();
                has_ended
            });
            assert_eq!(server.held(), 0, "work {at}, dropped after {polls} polls");
            if has_ended {
                break;
            }
            drops += 1;
        }
    }
    assert!(drops > 50, "{drops}");
}

#[test]
fn borrowed_ones_that_are_held_are_lost() {
    let (mut drops, mut losses) = (0, 0);
    for at in 0..borrowed_works(&Server::default()).len() {
        for polls in 1.. {
            let server = Server::default();
            let (has_ended, reports) =
                told(|| run_for(polls, borrowed_works(&server).swap_remove(at)));
            assert_eq!(
                server.held(),
                reports.len(),
                "work {at}, {polls} polls: {reports:?}"
            );
            if has_ended {
                break;
            }
            losses += reports.len();
            drops += 1;
        }
    }
    assert!(drops > 50 && losses > 100, "{drops}, {losses}");
}

#[test]
fn owned_ones_without_a_reaper_that_are_held_are_lost() {
    for at in 0..owned_works(&Server::default()).len() {
        for polls in 1.. {
            let server = Server::default();
            let (has_ended, reports) =
                told(|| run_for(polls, owned_works(&server).swap_remove(at)));
            // An enter or an exit in flight may hold nothing yet, or nothing any more.
            assert!(
                server.held() <= reports.len(),
                "work {at}, {polls} polls: {reports:?}"
            );
            if has_ended {
                assert_eq!((server.held(), reports.len()), (0, 0));
                break;
            }
        }
    }
}

/// Panics when it is abandoned, and when its exit is dropped.
struct Bad(&'static str, Trace);

struct PanicsWhenDropped(&'static str);

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("{} panicked", self.0);
    }
}

impl AsyncExit for Bad {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        let _held = PanicsWhenDropped(self.0);
        pending().await
    }

    fn abandon(self, _: Handoff<'_>) {
        self.1.note(format!("abandoned {}", self.0));
        panic!("{} panicked", self.0);
    }
}

/// Drops a future, perhaps while another panic unwinds. Gives the message of the panic that comes
/// out.
fn drop_badly(while_panicking: bool, future: impl Future) -> String {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let mut future = Box::pin(future);
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        assert!(!while_panicking, "another panic");
    }));
    let payload = caught.unwrap_err();
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[test]
fn panics_while_it_is_dropped_skip_nothing_and_abort_nothing() {
    let trace = Trace::new();
    let bad = |name| ready(Ok(Bad(name, trace.clone())));
    for while_panicking in [false, true] {
        // The first panic is not reported, unless another one is on its way.
        let (message, reported) = if while_panicking {
            ("another panic", &["c", "b", "a"][..])
        } else {
            ("c panicked", &["b", "a"][..])
        };
        let check = |future: Work<'_>, losses: &str| {
            let (first, mut reports) = told(|| drop_badly(while_panicking, future));
            assert_eq!(first, message);
            assert_eq!(reports.iter().filter(|line| *line == losses).count(), 3);
            reports.retain(|line| line != losses);
            let panics = reported.iter();
            let panics = panics.map(|name| format!("Bad Panicked: \"{name} panicked\""));
            assert!(reports.iter().cloned().eq(panics), "{reports:?}");
        };

        let in_the_body = async {
            let enters = (bad("a"), bad("b"), bad("c"));
            async_with!(side_by_side(enters), { pending::<()>().await })
        };
        check(Box::pin(in_the_body), "Bad Lost: Lost");
        trace.expect(&["abandoned c", "abandoned b", "abandoned a"]);

        let while_entered = async {
            let never = pending::<Result<Bad, Failure>>();
            async_with!(side_by_side((bad("a"), bad("b"), bad("c"), never)), {})
        };
        check(Box::pin(while_entered), "Bad Lost: Lost");
        trace.expect(&["abandoned c", "abandoned b", "abandoned a"]);

        let while_exited = async { async_with!(side_by_side((bad("a"), bad("b"), bad("c"))), {}) };
        check(Box::pin(while_exited), "Bad Cut: Cut");
        let while_exited = async { async_with!(side_by_side(["a", "b", "c"].map(bad)), {}) };
        check(Box::pin(while_exited), "Bad Cut: Cut");
    }
}
