//! Futures, results and wakers that do anything at any time.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::marker::PhantomPinned;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use forwith::async_with;
use forwith_runtime::{TaskGroup, gather, sleep, spawn, timeout};

use super::pool::{Job, elsewhere};
use super::run::run;
use super::world::World;

thread_local! {
    /// The world, for wakers, which cannot hold it.
    pub static WORLD: RefCell<Weak<World>> = const { RefCell::new(Weak::new()) };
}

/// Panics without a message, and without an allocation.
struct Bang;

pub fn bang() -> ! {
    resume_unwind(Box::new(Bang))
}

/// Catches and drops a panic.
pub fn contain(f: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(f));
}

#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Line;

#[derive(Clone, Copy)]
#[repr(align(4096))]
pub struct Page;

/// A future of `BYTES` bytes, aligned like `A`.
pub struct Probe<A, const BYTES: usize> {
    align: [A; 0],
    bytes: [u8; BYTES],
    id: usize,
    world: Rc<World>,
    /// The future that it awaits.
    inner: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
    /// Whether its destructor may panic after it has given its result. An awaited future must not:
    /// the compiler does not drop a value that leaves a block whose destructors panic, so the
    /// result would leak.
    is_wild: Cell<bool>,
    _pinned: PhantomPinned,
}

/// The result of a future.
pub struct Gift {
    pub id: usize,
    world: Rc<World>,
}

impl<A, const BYTES: usize> Probe<A, BYTES> {
    fn new(world: &Rc<World>) -> Self {
        let id = world.begins();
        Probe {
            align: [],
            bytes: [id.to_le_bytes()[0]; BYTES],
            id,
            world: world.clone(),
            inner: RefCell::default(),
            is_wild: Cell::new(true),
            _pinned: PhantomPinned,
        }
    }

    /// A probe that is awaited by another future.
    fn calm(world: &Rc<World>) -> Self {
        let probe = Probe::new(world);
        probe.is_wild.set(false);
        probe
    }

    /// Gives its address, after checking its alignment and its bytes.
    fn address(&self) -> usize {
        let address = std::ptr::from_ref(self).addr();
        let (world, id) = (&self.world, self.id);
        world.expect(self.align.as_ptr().is_aligned(), || {
            format!("{id} is not aligned")
        });
        let byte = id.to_le_bytes()[0];
        world.expect(self.bytes.iter().all(|found| *found == byte), || {
            format!("{id} was written over")
        });
        address
    }

    fn ends(&self, has_given: bool) {
        self.world.is_over(self.id, has_given);
    }

    /// Waits in a random way, or ends.
    fn step(&self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(inner) = &mut *self.inner.borrow_mut() {
            if inner.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
        self.inner.take();
        act(&self.world);
        let waker = cx.waker();
        match self.world.below(16) {
            _ if !self.world.spend() => return Poll::Ready(()),
            0..4 => return Poll::Ready(()),
            4 => {
                self.ends(false);
                bang();
            }
            5 | 6 => {
                self.world.is_woken(self.id);
                waker.wake_by_ref();
            }
            7 => elsewhere(Job::Wake(waker.clone())),
            8 => elsewhere(Job::Clone(waker.clone())),
            9..11 => self
                .world
                .wakers
                .borrow_mut()
                .push((self.id, waker.clone())),
            _ => {
                *self.inner.borrow_mut() = Some(wait(&self.world));
                self.world.is_woken(self.id);
                waker.wake_by_ref();
            }
        }
        Poll::Pending
    }
}

impl<A, const BYTES: usize> Future for Probe<A, BYTES> {
    type Output = Gift;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Gift> {
        self.world.is_polled(self.id, self.address());
        // A panic of the awaited future ends it.
        let step = catch_unwind(AssertUnwindSafe(|| self.step(cx)));
        let step = step.unwrap_or_else(|panic| {
            self.ends(false);
            resume_unwind(panic);
        });
        step.map(|()| {
            self.ends(true);
            let (id, world) = (self.id, self.world.clone());
            Gift { id, world }
        })
    }
}

impl<A, const BYTES: usize> Drop for Probe<A, BYTES> {
    fn drop(&mut self) {
        self.world.is_dropped(self.id, self.address());
        if self.is_wild.get() {
            at_drop(&self.world);
        } else {
            act(&self.world);
        }
    }
}

impl Drop for Gift {
    fn drop(&mut self) {
        self.world.result_is_dropped(self.id);
        at_drop(&self.world);
    }
}

/// The effect of a destructor.
fn at_drop(world: &Rc<World>) {
    if thread::panicking() || world.below(3) > 0 {
        return;
    }
    act(world);
    if world.spend() && world.below(20) == 0 {
        world.count(|seen| seen.panicked += 1);
        bang();
    }
}

/// A waker that does anything when it is woken or dropped.
struct Strange;

impl Strange {
    fn act() {
        let world = WORLD.try_with(|world| world.borrow().upgrade());
        if let Ok(Some(world)) = world {
            at_drop(&world);
        }
    }
}

impl Wake for Strange {
    fn wake(self: Arc<Self>) {
        Strange::act();
    }
}

impl Drop for Strange {
    fn drop(&mut self) {
        Strange::act();
    }
}

/// Waits until another thread has set a flag.
pub async fn told_elsewhere() {
    let told = Arc::new(AtomicBool::new(false));
    let mut asked = false;
    std::future::poll_fn(move |cx| {
        if told.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        if !asked {
            elsewhere(Job::Tell(told.clone(), cx.waker().clone()));
            asked = true;
        }
        Poll::Pending
    })
    .await;
}

fn millis(world: &World) -> Duration {
    Duration::from_millis(world.below(5).try_into().unwrap())
}

/// A random future to await.
fn wait(world: &Rc<World>) -> Pin<Box<dyn Future<Output = ()>>> {
    let world = world.clone();
    match world.below(7) {
        0 => Box::pin(sleep(millis(&world))),
        1 => Box::pin(async move {
            let _ = timeout(millis(&world), Probe::<u8, 8>::calm(&world)).await;
        }),
        2 => Box::pin(async move {
            let children = (0..world.below(4)).map(|_| Probe::<u64, 24>::new(&world));
            drop(gather(children).await);
        }),
        3 => Box::pin(told_elsewhere()),
        4 => Box::pin(async move {
            let _ = async_with!(TaskGroup::<()>::new() as group, {
                for _ in 0..world.below(3) {
                    let child = Probe::<u16, 2>::calm(&world);
                    let child = async move {
                        let _gift = child.await;
                        Ok(())
                    };
                    drop(group.spawn(child));
                }
            });
        }),
        _ => match world.any(&world.handles) {
            Some((id, handle)) => Box::pin(async move {
                if let Ok(gift) = handle.await {
                    world.is_fetched(id, &gift);
                }
            }),
            None => Box::pin(sleep(millis(&world))),
        },
    }
}

/// Does something random, at any time. Panics stay inside.
pub fn act(world: &Rc<World>) {
    if thread::panicking() || world.depth.get() > 5 || !world.spend() {
        return;
    }
    world.depth.set(world.depth.get() + 1);
    contain(|| act_once(world));
    world.depth.set(world.depth.get() - 1);
}

fn act_once(world: &Rc<World>) {
    match world.below(20) {
        0..6 => start(world),
        6 => drop(world.any(&world.handles)),
        7 => {
            if let Some((id, handle)) = world.any(&world.handles) {
                world.count(|seen| seen.aborted += 1);
                handle.abort();
                world.handles.borrow_mut().push((id, handle));
            }
        }
        8 => {
            if let Some((id, handle)) = world.any(&world.handles) {
                world.count(|seen| seen.cancelled += 1);
                handle.cancel();
                world.handles.borrow_mut().push((id, handle));
            }
        }
        9 => stranger_asks(world),
        10..13 => wake(world),
        13 => {
            if let Some((_, waker)) = world.any(&world.wakers) {
                world.count(|seen| seen.from_elsewhere += 1);
                elsewhere(Job::WakeByRef(waker));
            }
        }
        14 => drop(world.any(&world.wakers)),
        15 => {
            let clones = world.any(&world.wakers);
            let clones = clones.map(|(id, waker)| [(id, waker.clone()), (id, waker)]);
            world
                .wakers
                .borrow_mut()
                .extend(clones.into_iter().flatten());
        }
        16 if world.below(40) == 0 => {
            world.count(|seen| seen.forgotten += 1);
            std::mem::forget(world.any(&world.handles));
        }
        17 | 18 if world.runs.borrow().len() < 4 && !world.runs.borrow().is_empty() => run(world),
        19 if is_inside(world) => {
            // Dropped at once, without a poll.
            let children = (0..world.below(3)).map(|_| Probe::<Line, 1>::new(world));
            drop(gather(children));
        }
        _ => {}
    }
}

fn is_inside(world: &World) -> bool {
    !world.runs.borrow().is_empty()
}

/// Large futures are checked byte by byte, which is slow in miri.
const LARGE: usize = if cfg!(miri) { 2_000 } else { 100_000 };

/// Spawns a future of any size and alignment.
fn start(world: &Rc<World>) {
    if !is_inside(world) {
        return;
    }
    let handle = match world.below(12) {
        0 => spawn(Probe::<u8, 1_000>::new(world)),
        1 => spawn(Probe::<u8, LARGE>::new(world)),
        2 => spawn(Probe::<Line, 0>::new(world)),
        3 => spawn(Probe::<Line, 200>::new(world)),
        4 => spawn(Probe::<Page, 1>::new(world)),
        5..8 => spawn(Probe::<u64, 300>::new(world)),
        _ => spawn(Probe::<u8, 0>::new(world)),
    };
    if world.below(5) > 0 {
        let id = world.last();
        world.handles.borrow_mut().push((id, handle));
    }
}

/// Wakes any task, even one that has ended long ago.
fn wake(world: &World) {
    let Some((id, waker)) = world.any(&world.wakers) else {
        return;
    };
    world.is_woken(id);
    if world.below(2) == 0 {
        waker.wake();
    } else {
        waker.wake_by_ref();
        world.wakers.borrow_mut().push((id, waker));
    }
}

/// Polls a handle with a wild waker.
fn stranger_asks(world: &Rc<World>) {
    let Some((id, mut handle)) = world.any(&world.handles) else {
        return;
    };
    let waker = Waker::from(Arc::new(Strange));
    match Pin::new(&mut handle).poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(Ok(gift)) => world.is_fetched(id, &gift),
        Poll::Ready(Err(_)) => {}
        Poll::Pending => world.handles.borrow_mut().push((id, handle)),
    }
}
