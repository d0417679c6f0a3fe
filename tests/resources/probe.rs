//! Every phase of a resource is told to the probes.

use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Once;
use std::task::{Context, Waker};

use forwith::observe::{Phase, ResourceName, add_probe};
use forwith::reaper::LocalReaper;
use forwith::{
    AsyncEnter, AsyncEnterExt, AsyncExit, CancelToken, ExitStack, Handoff, Outcome, OwnedExit,
    OwnedOutcome, async_with, scope, side_by_side,
};
use futures::executor::{LocalPool, block_on};
use futures::task::LocalSpawnExt;

use crate::common::{hook, yield_once};

thread_local! {
    /// What this thread's test has seen.
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };

    /// What the first probe does when this thread's test tells it the next phase.
    static FIRST_PROBE: Cell<fn()> = const { Cell::new(|| {}) };

    /// Whether another probe has been added for this thread's test.
    static HAS_ANOTHER: Cell<bool> = const { Cell::new(false) };
}

fn first_probe(_: Phase, _: ResourceName) {
    FIRST_PROBE.replace(|| {})();
}

fn note(phase: Phase, resource: ResourceName) {
    SEEN.with_borrow_mut(|seen| seen.push(format!("{phase:?} {resource}")));
}

fn note_in_another(phase: Phase, _: ResourceName) {
    if HAS_ANOTHER.get() {
        SEEN.with_borrow_mut(|seen| seen.push(format!("another: {phase:?}")));
    }
}

/// What the probe is told while `f` runs.
fn seen(f: impl FnOnce()) -> Vec<String> {
    static SET: Once = Once::new();
    SET.call_once(|| {
        add_probe(first_probe);
        add_probe(note);
    });
    let _turn = hook::take_turn(); // some exits are lost or cut, which others count
    SEEN.take();
    hook::during(|_| (), f);
    HAS_ANOTHER.set(false); // the next test may run on this thread
    SEEN.take()
}

/// How an enter or an exit ends, after one poll that is pending.
#[derive(Clone, Copy)]
enum Ends {
    Well,
    Badly,
    Panicking,
    Never,
}

impl Ends {
    async fn end(self) -> Result<(), &'static str> {
        yield_once().await;
        match self {
            Ends::Well => Ok(()),
            Ends::Badly => Err("no"),
            Ends::Panicking => panic!("oh"),
            Ends::Never => pending().await,
        }
    }
}

struct Db {
    enter: Ends,
    exit: Ends,
}

/// Lies inside a [`Db`].
struct Tx;

const DB: Db = Db {
    enter: Ends::Well,
    exit: Ends::Well,
};

impl Db {
    fn entering(self, enter: Ends) -> Self {
        Db { enter, ..self }
    }

    fn exiting(self, exit: Ends) -> Self {
        Db { exit, ..self }
    }
}

impl AsyncEnter for Db {
    type Resource = Self;

    async fn enter(self) -> Result<Self, &'static str> {
        self.enter.end().await.map(|()| self)
    }
}

impl AsyncExit for Db {
    type Error = &'static str;

    async fn exit(self, _: Outcome<'_>) -> Result<(), &'static str> {
        self.exit.end().await
    }

    fn abandon(self, handoff: Handoff<'_>) {
        handoff.run_local(self.exit(Outcome::Cancelled));
    }
}

impl AsyncExit for Tx {
    type Error = &'static str;

    async fn exit(self, _: Outcome<'_>) -> Result<(), &'static str> {
        yield_once().await;
        Ok(())
    }

    fn abandon(self, _: Handoff<'_>) {}
}

fn tx() -> impl AsyncEnter<Resource = Tx> {
    ready(Ok(Tx))
}

/// Polls a few times, and drops the future.
fn poll_and_drop(polls: usize, future: impl Future) {
    let mut future = pin!(future);
    for _ in 0..polls {
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
    }
}

#[test]
fn enters_and_exits_are_told_in_order() {
    let seen = seen(|| {
        let ended = block_on(async { async_with!(DB, tx(), { 7 }) });
        assert_eq!(ended, Ok(7));
    });
    assert_eq!(
        seen,
        [
            "Entering Db",
            "Entered Db",
            "Entering Tx",
            "Entered Tx",
            "Exiting Tx",
            "Exited Tx",
            "Exiting Db",
            "Exited Db",
        ]
    );
}

#[test]
fn every_way_out_of_a_body_is_told() {
    async fn returns() -> Result<(), &'static str> {
        async_with!(tx(), { return Ok(()) })
    }
    async fn asks() -> Result<(), &'static str> {
        async_with!(tx(), {
            Err("no")?;
        })
    }
    async fn jumps() {
        let _ = 'outer: {
            async_with!(tx(), {
                if true {
                    break 'outer Err("second jump");
                }
                break 'outer Ok(());
            })
        };
    }
    let expected = ["Entering Tx", "Entered Tx", "Exiting Tx", "Exited Tx"];
    assert_eq!(seen(|| block_on(returns()).unwrap()), expected);
    assert_eq!(seen(|| assert!(block_on(asks()).is_err())), expected);
    assert_eq!(seen(|| block_on(jumps())), expected);
    let panics = async { async_with!(tx(), { panic!("oh") }) };
    let panics = || drop(catch_unwind(AssertUnwindSafe(|| block_on(panics))));
    assert_eq!(seen(panics), expected);
}

#[test]
fn bodys_error_wins_with_a_probe() {
    async fn fails() -> Result<(), &'static str> {
        async_with!(DB.exiting(Ends::Badly), {
            Err("body")?;
        })
    }
    let mut result = Ok(());
    seen(|| result = block_on(fails()));
    assert_eq!(result, Err("body"));
}

#[test]
fn an_enter_that_fails_is_not_entered() {
    for enter in [Ends::Badly, Ends::Panicking] {
        let seen = seen(|| {
            let work = async { async_with!(DB.entering(enter), {}) };
            let _ = catch_unwind(AssertUnwindSafe(|| block_on(work)));
        });
        assert_eq!(seen, ["Entering Db", "NotEntered Db"]);
    }
}

#[test]
fn an_enter_that_is_dropped_is_not_entered() {
    let seen = seen(|| poll_and_drop(1, async { async_with!(DB, {}) }));
    assert_eq!(seen, ["Entering Db", "NotEntered Db"]);
}

#[test]
fn an_exit_that_fails_or_panics_has_exited() {
    for exit in [Ends::Badly, Ends::Panicking] {
        let seen = seen(|| {
            let work = async { async_with!(DB.exiting(exit), {}) };
            let _ = catch_unwind(AssertUnwindSafe(|| block_on(work)));
        });
        let expected = ["Entering Db", "Entered Db", "Exiting Db", "Exited Db"];
        assert_eq!(seen, expected);
    }
}

/// The probe's mark on an exit lies beside the way by which the body has left.
#[test]
fn a_probe_changes_no_result() {
    const FAILING: Db = Db {
        exit: Ends::Badly,
        ..DB
    };
    async fn returns(db: Db) -> Result<u8, &'static str> {
        async_with!(db, { return Ok(1) })
    }
    async fn asks(db: Db) -> Result<u8, &'static str> {
        async_with!(db, { Err("the body's")? })
    }
    #[expect(clippy::never_loop, reason = "the jump is what is tested")]
    async fn jumps() -> Result<u8, &'static str> {
        loop {
            async_with!(DB, { break Ok(2) })?;
        }
    }
    let seen = seen(|| {
        assert_eq!(block_on(returns(DB)), Ok(1));
        assert_eq!(block_on(returns(FAILING)), Err("no"));
        assert_eq!(block_on(asks(DB)), Err("the body's"));
        assert_eq!(block_on(asks(FAILING)), Err("the body's"));
        assert_eq!(block_on(jumps()), Ok(2));
        assert_eq!(block_on(async { async_with!(FAILING, {}) }), Err("no"));
    });
    let exited = seen.iter().filter(|told| *told == "Exited Db");
    assert_eq!(exited.count(), 6);
}

#[test]
fn an_exit_that_is_dropped_is_cut() {
    let exit = Ends::Never;
    let seen = seen(|| poll_and_drop(3, async { async_with!(DB.exiting(exit), {}) }));
    assert_eq!(seen, ["Entering Db", "Entered Db", "Exiting Db", "Cut Db"]);
}

#[test]
fn exits_of_a_cancellation_are_told() {
    let seen = seen(|| {
        let stop = CancelToken::new();
        let work = async {
            async_with!(DB, tx(), {
                stop.cancel();
                pending::<()>().await;
            })
        };
        assert!(block_on(scope(work, &stop)).is_err());
    });
    assert_eq!(
        seen[4..],
        ["Exiting Tx", "Exited Tx", "Exiting Db", "Exited Db"]
    );
}

#[test]
fn abandoned_resources_are_told() {
    let seen = seen(|| poll_and_drop(2, async { async_with!(tx(), { pending::<()>().await }) }));
    assert_eq!(seen, ["Entering Tx", "Entered Tx", "Abandoned Tx"]);
}

#[test]
fn exits_in_a_reaper_are_told() {
    let mut pool = LocalPool::new();
    let spawner = pool.spawner();
    let reaper = LocalReaper::new(move |exit| drop(spawner.spawn_local(exit)));
    let _entered = reaper.enter();
    let seen = seen(|| {
        poll_and_drop(3, async { async_with!(DB, { pending::<()>().await }) });
        SEEN.with_borrow_mut(|seen| seen.push("dropped".into()));
        pool.run_until(reaper.join());
    });
    assert_eq!(
        seen[2..],
        ["Abandoned Db", "dropped", "Exiting Db", "Exited Db"]
    );
}

#[test]
fn exits_that_outlive_a_drop_are_told() {
    struct Lock;

    impl OwnedExit for Lock {
        type Error = ();

        async fn exit_owned(self, _: OwnedOutcome) -> Result<(), ()> {
            yield_once().await;
            Ok(())
        }
    }

    let mut pool = LocalPool::new();
    let spawner = pool.spawner();
    let reaper = LocalReaper::new(move |exit| drop(spawner.spawn_local(exit)));
    let told = |reaper: &LocalReaper| {
        let _entered = reaper.enter();
        poll_and_drop(1, async { async_with!(ready(Ok(Lock)), {}) });
        SEEN.with_borrow_mut(|seen| seen.push("dropped".into()));
    };
    let with_reaper = seen(|| {
        told(&reaper);
        pool.run_until(reaper.join());
    });
    assert_eq!(
        with_reaper[2..],
        [
            "Exiting Lock",
            "Outlives Lock",
            "dropped",
            "Exiting Lock",
            "Exited Lock"
        ]
    );
    let without = seen(|| poll_and_drop(1, async { async_with!(ready(Ok(Lock)), {}) }));
    assert_eq!(without[2..], ["Exiting Lock", "Cut Lock"]);
    // A stack of them goes on, too.
    let stacked = || async {
        async_with!(ExitStack::new() as stack, {
            stack.push(Lock);
        })
    };
    let with_reaper = seen(|| {
        let entered = reaper.enter();
        poll_and_drop(1, stacked());
        drop(entered);
        pool.run_until(reaper.join());
    });
    let stack = "ExitStack<Lock>";
    let behind = [
        "Exiting Lock".into(),
        "Outlives Lock".into(),
        format!("Outlives {stack}"),
    ];
    assert_eq!(with_reaper[3..6], behind);
    let without = seen(|| poll_and_drop(1, stacked()));
    let behind = [
        "Exiting Lock".into(),
        "Cut Lock".into(),
        format!("Cut {stack}"),
    ];
    assert_eq!(without[3..], behind);
}

#[test]
fn an_exit_stack_tells_of_each_resource() {
    let seen = seen(|| {
        block_on(async {
            async_with!(ExitStack::new() as stack, {
                stack.enter(DB).await?;
                stack.enter(DB).await?;
            })
        })
        .unwrap();
    });
    let stack = "ExitStack<Db>";
    assert_eq!(
        seen,
        [
            &format!("Entering {stack}"),
            &format!("Entered {stack}"),
            "Entering Db",
            "Entered Db",
            "Entering Db",
            "Entered Db",
            &format!("Exiting {stack}"),
            "Exiting Db",
            "Exited Db",
            "Exiting Db",
            "Exited Db",
            &format!("Exited {stack}"),
        ]
    );
}

#[test]
fn a_cut_in_an_exit_stack_is_told() {
    let work = async {
        async_with!(ExitStack::new() as stack, {
            stack.push(Tx);
            stack.push(Tx);
        })
    };
    let seen = seen(|| poll_and_drop(1, work));
    let stack = "ExitStack<Tx>";
    let cut = [
        format!("Exiting {stack}"),
        "Exiting Tx".into(),
        format!("Cut {stack}"),
        "Cut Tx".into(),
        format!("Abandoned {stack}"), // what remains of it
        "Abandoned Tx".into(),
    ];
    assert_eq!(seen[2..], cut);
}

#[test]
fn resources_side_by_side_are_told_one_by_one() {
    let work = async { async_with!(side_by_side((DB, tx())), {}) };
    let told = seen(|| block_on(work).unwrap());
    let both = "(Db, Tx)";
    assert_eq!(
        told,
        [
            &format!("Entering {both}"),
            "Entering Db",
            "Entering Tx",
            "Entered Tx",
            "Entered Db",
            &format!("Entered {both}"),
            &format!("Exiting {both}"),
            "Exiting Tx",
            "Exiting Db",
            "Exited Tx",
            "Exited Db",
            &format!("Exited {both}"),
        ]
    );
    let fails = async { async_with!(side_by_side((tx(), DB.entering(Ends::Badly))), {}) };
    let told = seen(|| assert_eq!(block_on(fails), Err("no")));
    let behind = [
        "Entering Db",
        "NotEntered Db",
        "Exiting Tx",
        "Exited Tx",
        "NotEntered (Tx, Db)",
    ];
    assert_eq!(told[3..], behind);
}

#[test]
fn resources_side_by_side_that_are_dropped_are_told_one_by_one() {
    // While they are entered.
    let work = async { async_with!(side_by_side((tx(), DB)), {}) };
    let told = seen(|| poll_and_drop(1, work));
    let behind = [
        "Entering Db",
        "NotEntered Db",
        "Abandoned Tx",
        "NotEntered (Tx, Db)",
    ];
    assert_eq!(told[3..], behind);
    // In the body.
    let work = async { async_with!(side_by_side([tx(), tx()]), { yield_once().await }) };
    let told = seen(|| poll_and_drop(1, work));
    let behind = ["Abandoned [Tx; 2]", "Abandoned Tx", "Abandoned Tx"];
    assert_eq!(told[6..], behind);
    // While they are exited.
    let work = async { async_with!(side_by_side((tx(), tx())), {}) };
    let told = seen(|| poll_and_drop(1, work));
    let behind = [
        "Exiting (Tx, Tx)",
        "Exiting Tx",
        "Exiting Tx",
        "Cut (Tx, Tx)",
        "Cut Tx",
        "Cut Tx",
    ];
    assert_eq!(told[6..], behind);
}

#[test]
fn a_mapped_resource_has_its_own_name() {
    let work = async { async_with!(tx().map_error(ToString::to_string), {}) };
    let seen = seen(|| drop(block_on(work)));
    assert_eq!(
        seen,
        ["Entering Tx", "Entered Tx", "Exiting Tx", "Exited Tx"]
    );
}

#[test]
fn a_panic_of_a_probe_stays_there() {
    FIRST_PROBE.set(|| panic!("oh"));
    let seen = seen(|| block_on(async { async_with!(tx(), {}) }).unwrap());
    assert_eq!(
        seen,
        ["Entering Tx", "Entered Tx", "Exiting Tx", "Exited Tx"]
    );
}

/// A probe is told from the phase after its adding on, after those that were added before.
#[test]
fn a_probe_may_add_another() {
    FIRST_PROBE.set(|| {
        HAS_ANOTHER.set(true);
        add_probe(note_in_another);
    });
    let seen = seen(|| block_on(async { async_with!(tx(), {}) }).unwrap());
    assert_eq!(
        seen,
        [
            "Entering Tx",
            "Entered Tx",
            "another: Entered",
            "Exiting Tx",
            "another: Exiting",
            "Exited Tx",
            "another: Exited",
        ]
    );
}
