//! Resources whose destructor panics when they are dropped with their future.

use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use forwith::reaper::{LocalReaper, Reaper};
use forwith::report::{ExitError, lost_exits};
use forwith::resource::maybe;
use forwith::{
    AsyncEnter, AsyncEnterExt, AsyncExit, ExitStack, Handoff, Outcome, OwnedExit, OwnedOutcome,
    async_with, side_by_side,
};

use crate::common::{Trace, hook, run, run_for};
use crate::outlives::Queue;
use crate::reapers::drop_midway;

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// The number of the resource whose destructor panics.
    static PANICKING: Cell<u8> = const { Cell::new(0) };
}

fn told(error: &ExitError<'_>) {
    let of = error.resource().rsplit("::").next().unwrap_or_default();
    TOLD.with_borrow_mut(|told| told.push(format!("{of} {}", hook::shown(error))));
}

/// How a resource is abandoned, in the words of its type.
trait Way: Sized + 'static {
    /// Whether its exit never ends.
    const WAITS: bool = false;

    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>);
}

/// A resource that may panic in its destructor.
struct Resource<W: Way>(u8, std::marker::PhantomData<W>);

/// Panics in its destructor.
struct Bomb(u8);

impl Drop for Bomb {
    fn drop(&mut self) {
        if PANICKING.get() == self.0 {
            panic_any(self.0);
        }
    }
}

impl<W: Way> Drop for Resource<W> {
    fn drop(&mut self) {
        drop(Bomb(self.0));
    }
}

impl<W: Way> AsyncExit for Resource<W> {
    type Error = std::io::Error;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Self::Error> {
        if W::WAITS {
            pending::<()>().await;
        }
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        W::abandon(self, handoff);
    }
}

/// Is dropped, as by default.
struct Dropped;

impl Way for Dropped {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        drop(resource);
        handoff.lost();
    }
}

/// Says that it is lost before it is dropped.
struct Said;

impl Way for Said {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        handoff.lost();
        drop(resource);
    }
}

/// Hands its exit over.
struct Handed;

impl Way for Handed {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        handoff.run(resource.exit(Outcome::Cancelled));
    }
}

/// Hands its exit over, and panics then.
struct HandedAndPanics;

impl Way for HandedAndPanics {
    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        let bomb = Bomb(resource.0);
        handoff.run(async move {
            let _resource = resource;
            Ok::<_, std::io::Error>(())
        });
        drop(bomb);
    }
}

/// Waits for ever in its exit, or is dropped before.
struct Waits;

impl Way for Waits {
    const WAITS: bool = true;

    fn abandon(resource: Resource<Self>, handoff: Handoff<'_>) {
        drop(resource);
        handoff.lost();
    }
}

/// Deals with itself at once.
struct AtOnce;

impl Way for AtOnce {
    fn abandon(resource: Resource<Self>, _: Handoff<'_>) {
        drop(resource);
    }
}

/// A resource whose `abandon` is the default.
struct Plain(u8);

impl Drop for Plain {
    fn drop(&mut self) {
        drop(Bomb(self.0));
    }
}

impl AsyncExit for Plain {
    type Error = std::io::Error;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Self::Error> {
        Ok(())
    }
}

fn resource<W: Way>(number: u8) -> Resource<W> {
    Resource(number, std::marker::PhantomData)
}

/// Panics when it is dropped, unless that is the end of a panic.
struct Panics;

impl Drop for Panics {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "the future itself");
    }
}

/// Drops what `make` makes after one poll, while the destructor of this resource panics. Gives the
/// reports, and how many exits were lost.
fn dropped<F: Future>(
    panicking: u8,
    unwinding: bool,
    make: impl Fn() -> F,
) -> (Vec<String>, usize) {
    let _turn = hook::take_turn();
    let before = lost_exits();
    TOLD.take();
    PANICKING.set(panicking);
    let caught = hook::during(told, || {
        catch_unwind(AssertUnwindSafe(|| {
            // Dropped by an unwinding panic, or by itself.
            let _ = run_for(1, async {
                let work = std::pin::pin!(make());
                let _panics = unwinding.then(|| Panics);
                work.await;
            });
        }))
    });
    PANICKING.set(0);
    assert_eq!(caught.is_err(), unwinding || panicking > 0);
    let mut told = TOLD.take();
    // Panics behind the first are told, too.
    told.retain(|line| line.ends_with("Lost") || line.ends_with("Cut"));
    (told, lost_exits() - before)
}

/// Each of three nested resources panics in turn, or none, plainly and while another panic unwinds.
fn each_in_turn<F: Future>(make: impl Fn() -> F, expected: &[&str]) {
    for unwinding in [false, true] {
        for panicking in 0..=3 {
            let (told, lost) = dropped(panicking, unwinding, &make);
            assert_eq!(told, expected, "{panicking} panics, unwinding: {unwinding}");
            assert_eq!(
                lost,
                expected.len(),
                "{panicking} panics, unwinding: {unwinding}"
            );
        }
    }
}

async fn nested<W: Way>() {
    let _ = async_with!(
        ready(Ok(resource::<W>(1))),
        ready(Ok(resource::<W>(2))),
        ready(Ok(resource::<W>(3))),
        { pending::<()>().await }
    );
}

async fn nested_plain() {
    let _ = async_with!(ready(Ok(Plain(1))), {
        let _ = async_with!(ready(Ok(Plain(2))), {
            let _ = async_with!(ready(Ok(Plain(3))), { pending::<()>().await });
        });
    });
}

async fn stacked() {
    let _ = async_with!(ExitStack::new() as stack, {
        for number in 1..=3 {
            stack.push(Plain(number));
        }
        pending::<()>().await;
    });
}

async fn beside_each_other() {
    let one = async |number| {
        let _ = async_with!(ready(Ok(Plain(number))), { pending::<()>().await });
    };
    futures::join!(one(1), one(2), one(3));
}

#[test]
fn lost_exit_of_a_panicking_destructor_is_told_once() {
    each_in_turn(nested_plain, &["Plain Lost"; 3]);
    each_in_turn(stacked, &["Plain Lost"; 3]);
    each_in_turn(beside_each_other, &["Plain Lost"; 3]);
    each_in_turn(nested::<Dropped>, &["Dropped> Lost"; 3]);
}

#[test]
fn exit_that_is_cut_is_told_once() {
    let in_its_exit = || async {
        let _ = async_with!(
            ready(Ok(resource::<Waits>(1))),
            ready(Ok(resource::<Waits>(2))),
            ready(Ok(resource::<Waits>(3))),
            {}
        );
    };
    each_in_turn(in_its_exit, &["Waits> Cut", "Waits> Lost", "Waits> Lost"]);
}

#[test]
fn resource_that_says_it_is_lost_is_not_told_twice() {
    each_in_turn(nested::<Said>, &["Said> Lost"; 3]);
}

#[test]
fn resource_that_panics_before_it_is_dealt_with_is_lost() {
    for unwinding in [false, true] {
        for panicking in 0..=3 {
            let (told, lost) = dropped(panicking, unwinding, nested::<AtOnce>);
            let expected = usize::from(panicking > 0);
            assert_eq!(told, vec!["AtOnce> Lost"; expected]);
            assert_eq!(lost, expected);
        }
    }
}

#[test]
fn exit_that_no_reaper_takes_is_told_once() {
    each_in_turn(nested::<Handed>, &["Handed> Lost"; 3]);
    each_in_turn(nested::<HandedAndPanics>, &["HandedAndPanics> Lost"; 3]);
}

#[test]
fn reaper_gets_the_exits_whatever_panics() {
    let taken = std::rc::Rc::new(RefCell::new(Vec::new()));
    let reaper = LocalReaper::new({
        let taken = taken.clone();
        move |exit| taken.borrow_mut().push(exit)
    });
    let _entered = reaper.enter();
    let run_taken = || {
        let exits = taken.take();
        exits.into_iter().for_each(futures::executor::block_on);
        assert_eq!(reaper.pending(), 0);
    };
    for unwinding in [false, true] {
        // Its destructor runs in the reaper, where nothing panics.
        let (told, _) = dropped(0, unwinding, nested::<Handed>);
        assert_eq!(told, [""; 0]);
        run_taken();
        for panicking in 1..=3 {
            let (told, _) = dropped(panicking, unwinding, nested::<HandedAndPanics>);
            assert_eq!(told, [""; 0], "{panicking} panics, unwinding: {unwinding}");
            assert_eq!(taken.borrow().len(), 1, "they are one exit, in turn");
            run_taken();
        }
    }
}

#[test]
fn reaper_that_panics_loses_no_other_exit() {
    let reaper = Reaper::new(|exit| {
        drop(exit);
        panic_any("the reaper");
    });
    let _entered = reaper.enter();
    let (told, lost) = dropped(9, false, nested::<Handed>);
    assert_eq!((told.len(), lost), (3, 3), "{told:?}");
    assert_eq!(told, ["Handed> Lost"; 3]);
}

/// An error that panics when it is dropped.
#[derive(Debug)]
struct BadError;

impl Drop for BadError {
    fn drop(&mut self) {
        panic_any("the error's");
    }
}

/// Exits with such an error, if it is the first.
struct Fails(bool, Trace);

impl OwnedExit for Fails {
    type Error = BadError;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), BadError> {
        self.1.note("exited");
        if self.0 { Err(BadError) } else { Ok(()) }
    }
}

#[test]
fn error_that_panics_when_it_is_dropped_skips_no_exit() {
    let trace = Trace::new();
    let fails = |is_first| ready(Ok(Fails(is_first, trace.clone())));
    hook::during(told, || {
        // Side by side, in place. The last one is exited first.
        let enters = side_by_side((
            fails(false).map_error(|error| error),
            maybe(Some(fails(true).map_error(|error| error))),
        ));
        let work = async {
            let ended = async_with!(enters, { return Err("the body's") });
            ended.map_err(|_| "an exit's")
        };
        assert_eq!(run(work), Err::<(), _>("the body's"));
        trace.expect(&["exited", "exited"]);
        // In a reaper.
        let queue = Queue::new();
        let entered = queue.reaper.enter();
        drop_midway(async { async_with!(fails(false), fails(true), { pending::<()>().await }) });
        queue.run();
        drop(entered);
        trace.expect(&["exited", "exited"]);
    });
    let told = TOLD.take();
    assert_eq!(
        told.iter()
            .filter(|line| line.contains("the error's"))
            .count(),
        2,
        "{told:?}"
    );
}

#[test]
fn exit_that_is_dropped_before_its_first_poll_begins_in_the_reaper() {
    let trace = Trace::new();
    let fails = || Fails(false, trace.clone());
    let queue = Queue::new();
    let entered = queue.reaper.enter();
    drop(Some(fails()).exit(Outcome::Completed));
    let mapped = run(ready(Ok(fails())).map_error(|error| error).enter());
    drop(mapped.unwrap().exit(Outcome::Completed));
    drop((fails(), Some(fails())).exit(Outcome::Completed));
    drop(vec![Some(fails())].exit(Outcome::Completed));
    drop(entered);
    queue.run();
    trace.expect(&["exited"; 5]);
}
