//! User code that calls back into the executor: wakers, destructors and futures that start, stop
//! and drop tasks at any moment.

#![allow(
    clippy::async_yields_async,
    reason = "handles are used when their executor has ended"
)]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::mem::{ManuallyDrop, forget};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use forwith::async_with;
use forwith_runtime::{Executor, JoinHandle, TaskGroup, block_on, gather, spawn, yield_now};

use crate::common::{OnDrop, Trace};

// ---- wakers that do something ----

/// The calls of a waker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Did {
    Clone,
    Wake,
    Drop,
}

type OnWaker = Rc<dyn Fn(Did)>;

/// A waker that passes each call to a function. It must stay on this thread.
fn waker(on: impl Fn(Did) + 'static) -> Waker {
    const VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

    fn raw(on: OnWaker) -> RawWaker {
        RawWaker::new(Box::into_raw(Box::new(on)).cast_const().cast(), &VTABLE)
    }

    /// # Safety
    ///
    /// The pointer belongs to a waker of this type.
    unsafe fn told(data: *const ()) -> ManuallyDrop<Box<OnWaker>> {
        // SAFETY: the pointer was made from such a box, which lives until the waker is dropped.
        ManuallyDrop::new(unsafe { Box::from_raw(data.cast_mut().cast()) })
    }

    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: the caller upholds it.
        let on = OnWaker::clone(&*unsafe { told(data) });
        on(Did::Clone);
        raw(on)
    }

    unsafe fn wake(data: *const ()) {
        // SAFETY: the caller upholds it, and gives up the waker.
        let on = ManuallyDrop::into_inner(unsafe { told(data) });
        on(Did::Wake);
    }

    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: the caller upholds it.
        let on = unsafe { told(data) };
        on(Did::Wake);
    }

    unsafe fn drop(data: *const ()) {
        // SAFETY: the caller upholds it, and gives up the waker.
        let on = ManuallyDrop::into_inner(unsafe { told(data) });
        on(Did::Drop);
    }

    // SAFETY: the functions keep the contract of wakers, on this thread.
    unsafe { Waker::from_raw(raw(Rc::new(on))) }
}

fn poll_with<T>(task: &mut JoinHandle<T>, waker: &Waker) -> bool {
    let polled = Pin::new(task).poll(&mut Context::from_waker(waker));
    polled.is_ready()
}

/// A function that runs once, later.
type Later = Rc<RefCell<Option<Box<dyn FnOnce()>>>>;

fn take_and_do(later: &Later) {
    let what = later.borrow_mut().take();
    if let Some(what) = what {
        what();
    }
}

/// Spawns a task that never ends, and makes a waker that runs the function in `Later` once when
/// `on` happens to it.
fn waited_for(when: Did) -> (JoinHandle<()>, Waker, Later) {
    let later = Later::default();
    let what = later.clone();
    let waker = waker(move |did| {
        if did == when {
            take_and_do(&what);
        }
    });
    (spawn(pending()), waker, later)
}

#[test]
fn waker_drops_the_handle_that_awaits_with_it() {
    block_on(async {
        let (mut task, waker, later) = waited_for(Did::Wake);
        assert!(!poll_with(&mut task, &waker));
        task.cancel();
        *later.borrow_mut() = Some(Box::new(move || {
            drop(task);
            // The block is free by now, and other tasks use it.
            for _ in 0..2 {
                let next = spawn(pending::<()>());
                next.abort();
                assert!(next.is_finished());
            }
        }));
        yield_now().await;
        assert!(later.borrow().is_none(), "it was woken");
    });
}

#[test]
fn waker_clones_and_drops_start_and_stop_tasks() {
    for when in [Did::Clone, Did::Wake, Did::Drop] {
        block_on(async {
            let (mut task, waker, later) = waited_for(when);
            let other = spawn(pending::<()>());
            let polled = Rc::new(Cell::new(false));
            let flag = polled.clone();
            *later.borrow_mut() = Some(Box::new(move || {
                other.abort();
                drop(other);
                spawn(async move { flag.set(true) });
                block_on(async { spawn(async { 1 }).await.unwrap() });
            }));
            let _ = poll_with(&mut task, &waker);
            // Another waker replaces the first, which is dropped.
            let _ = poll_with(&mut task, Waker::noop());
            let _ = poll_with(&mut task, &waker);
            task.abort();
            drop(task);
            drop(waker);
            assert!(later.borrow().is_none(), "{when:?} has happened");
            yield_now().await;
            assert!(polled.get());
        });
    }
}

#[test]
fn only_the_last_waker_hears_of_a_tasks_end() {
    block_on(async {
        let told = Trace::default();
        let [first, last] = ["first", "last"].map(|name| {
            let told = told.clone();
            waker(move |did| {
                if did == Did::Wake {
                    told.add(name);
                }
            })
        });
        let mut task = spawn(yield_now());
        assert!(!poll_with(&mut task, &first));
        assert!(!poll_with(&mut task, &last));
        while !task.is_finished() {
            yield_now().await;
        }
        assert_eq!(told.take(), ["last"]);
    });
}

#[test]
fn task_aborted_by_its_cancel_wake_is_not_polled() {
    block_on(async {
        let task = Rc::new(RefCell::new(None::<JoinHandle<()>>));
        let polls = Rc::new(Cell::new(0));
        let (count, aborted) = (polls.clone(), task.clone());
        let waker = waker(move |did| {
            if did == Did::Wake {
                aborted.borrow().as_ref().unwrap().abort();
            }
        });
        *task.borrow_mut() = Some(spawn(async move {
            let mut inside = pin!(async {
                let Ok(()) = async_with!(TaskGroup::<Infallible>::new(), { pending().await });
            });
            let poll = poll_fn(|_| {
                count.set(count.get() + 1);
                inside.as_mut().poll(&mut Context::from_waker(&waker))
            });
            poll.await;
        }));
        yield_now().await;
        let cancel = || task.borrow().as_ref().unwrap().cancel();
        cancel();
        yield_now().await;
        assert_eq!(polls.get(), 1);
        let task = task.take().unwrap();
        assert!(task.await.unwrap_err().is_aborted());
    });
}

#[test]
fn wakers_panic_wherever_they_can() {
    for when in [Did::Clone, Did::Wake, Did::Drop] {
        let trace = Trace::default();
        block_on(async {
            let (mut task, waker, later) = waited_for(when);
            *later.borrow_mut() = Some(Box::new(|| panic!("a waker panicked")));
            let guard = trace.on_drop("another is dropped");
            spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
            let contain = |f: &mut dyn FnMut()| drop(catch_unwind(AssertUnwindSafe(f)));
            contain(&mut || _ = poll_with(&mut task, &waker));
            contain(&mut || _ = poll_with(&mut task, Waker::noop()));
            contain(&mut || _ = poll_with(&mut task, &waker));
            task.abort();
            assert!(task.await.unwrap_err().is_aborted());
            contain(&mut || drop(later.borrow_mut().take()));
            assert_eq!(spawn(async { 1 }).await.unwrap(), 1);
            drop(waker);
        });
        assert_eq!(trace.take(), ["another is dropped"]);
    }
}

// ---- tasks and their own handles ----

/// Spawns a task whose future finds its own handle in the cell.
fn with_own_handle<T: 'static, F: Future<Output = T> + 'static>(
    body: impl FnOnce(Rc<RefCell<Option<JoinHandle<T>>>>) -> F,
) -> Rc<RefCell<Option<JoinHandle<T>>>> {
    let own = Rc::new(RefCell::new(None));
    let task = spawn(body(own.clone()));
    *own.borrow_mut() = Some(task);
    own
}

#[test]
fn task_drops_its_own_handle() {
    block_on(async {
        let trace = Trace::default();
        // In its poll, which continues.
        let inside = trace.clone();
        with_own_handle(|own| async move {
            drop(own.take());
            yield_now().await;
            inside.add("in its poll");
            OnDrop(move || inside.add("its result"))
        });
        yield_now().await;
        yield_now().await;
        // When its future is dropped.
        let inside = trace.clone();
        let own = with_own_handle(|own| async move {
            let _guard = OnDrop(move || {
                assert!(own.take().is_some());
                inside.add("in its destructor");
            });
            yield_now().await;
        });
        yield_now().await;
        yield_now().await;
        assert!(own.borrow().is_none());
        // When its result is dropped: the handle drops the result, whose destructor looks for the
        // handle.
        let inside = trace.clone();
        let own = with_own_handle(|own| async move {
            let result: Box<dyn Any> = Box::new(OnDrop(move || {
                assert!(own.take().is_none());
                inside.add("in the destructor of its result");
            }));
            result
        });
        yield_now().await;
        let task = own.take();
        drop(task);
        let expected = [
            "in its poll",
            "its result",
            "in its destructor",
            "in the destructor of its result",
        ];
        assert_eq!(trace.take(), expected);
    });
}

#[test]
fn destructor_aborts_and_drops_its_own_handle() {
    block_on(async {
        let own = with_own_handle(|own| async move {
            let _guard = OnDrop(move || {
                let task = own.take().unwrap();
                task.abort();
                task.cancel();
                assert!(!task.is_finished(), "not before its destructor has ended");
            });
            yield_now().await;
        });
        yield_now().await;
        yield_now().await;
        assert!(own.borrow().is_none());
    });
}

#[test]
fn unwanted_results_panic_when_dropped() {
    let give = || async { OnDrop(|| panic!("a destructor panicked")) };
    let task = block_on(async {
        // Without a handle, with one that is dropped, and with one that stays.
        drop(spawn(give()));
        let unwanted = spawn(give());
        yield_now().await;
        assert!(catch_unwind(AssertUnwindSafe(|| drop(unwanted))).is_err());
        let next = spawn(async { 1 });
        assert_eq!(next.await.unwrap(), 1, "its block is as good as new");
        let left = spawn(give());
        yield_now().await;
        left
    });
    assert!(catch_unwind(AssertUnwindSafe(|| drop(task))).is_err());
}

#[test]
fn forgotten_handles_keep_no_task_alive() {
    let trace = Trace::default();
    block_on(async {
        let guard = trace.on_drop("left");
        forget(spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        }));
        let mut polled = spawn(async { 5 });
        assert!(!poll_with(&mut polled, Waker::noop()));
        forget(polled);
        yield_now().await;
        forget(gather([async { 5 }]));
    });
    assert_eq!(trace.take(), ["left"]);
}

// ---- destructors that start tasks ----

/// A guard that spawns a task when it is dropped. The task holds such a guard too, `times` deep.
fn leaves_a_task(trace: Trace, times: usize) -> OnDrop<impl FnMut()> {
    OnDrop(move || {
        trace.add(format!("{times} left"));
        if times > 0 {
            let next: Box<dyn Any> = Box::new(leaves_a_task(trace.clone(), times - 1));
            spawn(async move {
                let _next = next;
                pending::<()>().await;
            });
        }
    })
}

#[test]
fn destructors_spawn_tasks() {
    for executor in [
        Executor::new(),
        Executor::new().grace(std::time::Duration::ZERO),
    ] {
        let trace = Trace::default();
        executor.block_on(async {
            let guard = leaves_a_task(trace.clone(), 3);
            let task = spawn(async move {
                let _guard = guard;
                pending::<()>().await;
            });
            yield_now().await;
            task.abort();
            assert_eq!(trace.take(), ["3 left"]);
        });
        assert_eq!(trace.take(), ["2 left", "1 left", "0 left"]);
    }
}

// ---- executors inside each other ----

#[test]
fn inner_executor_aborts_the_task_it_runs_in() {
    for aborts in [true, false] {
        block_on(async {
            let own = with_own_handle(|own| async move {
                block_on(async {
                    spawn(async move {
                        let task = own.take().unwrap();
                        if aborts {
                            task.abort();
                        } else {
                            task.cancel();
                        }
                        assert!(!task.is_finished(), "it is being polled");
                        *own.borrow_mut() = Some(task);
                    })
                    .await
                    .unwrap();
                });
                yield_now().await;
                unreachable!("it is stopped where it waits");
            });
            yield_now().await;
            let error = own.take().unwrap().await.unwrap_err();
            assert_eq!(
                (error.is_aborted(), error.is_cancelled()),
                (aborts, !aborts)
            );
        });
    }
}

#[test]
fn inner_executor_uses_outer_handles_and_wakers() {
    let trace = Trace::default();
    block_on(async {
        let woken = Rc::new(Cell::new(0));
        let (count, own) = (woken.clone(), Rc::new(Cell::new(None::<Waker>)));
        let seen = own.clone();
        let outer = spawn(poll_fn(move |cx| {
            count.set(count.get() + 1);
            seen.set(Some(cx.waker().clone()));
            Poll::<()>::Pending
        }));
        let done = spawn(async { OnDrop(|| ()) });
        let guard = trace.on_drop("dropped inside");
        let dropped = spawn(async move { guard });
        yield_now().await;
        let waker = own.take().unwrap();
        block_on(async {
            drop(dropped);
            drop(done.await.unwrap());
            waker.wake_by_ref();
            let clone = spawn(async move { waker.clone() }).await.unwrap();
            clone.wake();
            trace.add("inner ends");
        });
        yield_now().await;
        assert_eq!(woken.get(), 2);
        outer.abort();
    });
    assert_eq!(trace.take(), ["dropped inside", "inner ends"]);
}

#[test]
fn executors_run_in_destructors() {
    fn inner(n: u32) -> u32 {
        block_on(async move { spawn(async move { n }).await.unwrap() + 1 })
    }
    let trace = Trace::default();
    block_on(async {
        let guard = |name: &'static str| {
            let trace = trace.clone();
            OnDrop(move || trace.add(format!("{name} {}", inner(1))))
        };
        // The destructors of a finished future, of an aborted one, of a result, and at the end of
        // the run.
        let ends = guard("ends");
        spawn(async move { drop(ends) }).await.unwrap();
        let aborted = guard("aborted");
        let task = spawn(async move {
            let _aborted = aborted;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        let result = guard("result");
        drop(spawn(async move { result }));
        yield_now().await;
        let left = guard("left");
        spawn(async move {
            let _left = left;
            pending::<()>().await;
        });
    });
    assert_eq!(trace.take(), ["ends 2", "aborted 2", "result 2", "left 2"]);
}

#[test]
fn handles_move_between_executors() {
    let (done, left, boxed) = block_on(async {
        let tasks = (
            spawn(async { String::from("done") }),
            spawn(pending::<()>()),
            spawn(async { Box::new(7) }),
        );
        yield_now().await;
        tasks
    });
    block_on(async {
        // Some are awaited by tasks, some cancelled or aborted, and one runs to its end.
        let awaited = spawn(done);
        assert_eq!(awaited.await.unwrap().unwrap(), "done");
        left.cancel();
        left.abort();
        assert!(left.await.unwrap_err().is_cancelled());
        let mut boxed = boxed;
        assert!(poll_with(&mut boxed, Waker::noop()));
        drop(boxed);
    });
}
