//! Runs a tree.

use std::any::Any;
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use forwith::{
    AsyncEnter, AsyncEnterExt, AsyncExit, Handoff, Outcome, async_with, race, scope, shield,
};
use futures::future::{LocalBoxFuture, join, join_all, select_all};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use super::tree::{ExitEnds, Kind, Node, Scoped, Stop, Together, With};
use super::world::World;

/// The result of a node, with the number of the node that failed.
pub type Ended = Result<(), usize>;

pub fn interpret<'a>(world: &'a World, node: &'a Node) -> LocalBoxFuture<'a, Ended> {
    Box::pin(async move {
        match &node.kind {
            Kind::Wait => pending().await,
            Kind::Turns(count) => turns(world, node.id, *count).await,
            Kind::Fail => return Err(node.id),
            Kind::Panic => panics(world, node.id),
            Kind::Fire(number) => world.fire(*number),
            Kind::Seq(nodes) => {
                for inner in nodes {
                    interpret(world, inner).await?;
                }
            }
            Kind::Together(how, nodes) => return together(world, node.id, *how, nodes).await,
            Kind::With(with) => return enter_and_exit(world, node.id, with).await,
            Kind::Scope(scoped) => return scoped_in(world, node.id, scoped).await,
            Kind::Race(racers) => return race_between(world, node.id, racers).await,
            Kind::Racer(inner) => {
                return Watch::new(world, node.id, interpret(world, inner)).await;
            }
            Kind::Shield(inner) => {
                let shielded = async {
                    let running = Running::new(world, node.id);
                    let ended = interpret(world, inner).await;
                    running.finish();
                    ended
                };
                return shield(shielded).await;
            }
        }
        Ok(())
    })
}

fn panics(world: &World, id: usize) -> ! {
    resume_unwind(Box::new(world.panics(id)))
}

/// Waits for `n` polls of the whole tree.
async fn turns(world: &World, id: usize, count: u8) {
    world.touch(id);
    for _ in 0..count {
        let _waits = WaitsForTurn::new(world);
        let begun = world.now.get();
        poll_fn(|cx| {
            if world.now.get() > begun {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        world.touch(id);
    }
}

/// Counts the futures that wait for the next turn.
struct WaitsForTurn<'a>(&'a World);

impl<'a> WaitsForTurn<'a> {
    fn new(world: &'a World) -> Self {
        let count = &world.waiting_for_turn;
        count.set(count.get() + 1);
        WaitsForTurn(world)
    }
}

impl Drop for WaitsForTurn<'_> {
    fn drop(&mut self) {
        let count = &self.0.waiting_for_turn;
        count.set(count.get() - 1);
    }
}

async fn together(world: &World, id: usize, how: Together, nodes: &[Node]) -> Ended {
    let mut all: Vec<_> = nodes.iter().map(|node| interpret(world, node)).collect();
    match how {
        Together::Join => {
            let first = all.remove(0);
            let (first, others) = join(first, join_all(all)).await;
            others.into_iter().fold(first, Result::and)
        }
        Together::JoinAll => join_all(all).await.into_iter().collect(),
        Together::Unordered => {
            let all: FuturesUnordered<_> = all.into_iter().collect();
            all.collect::<Vec<_>>().await.into_iter().collect()
        }
        Together::Select => {
            let (first, _, _others) = select_all(all).await;
            world.select_ends(id);
            first
        }
    }
}

async fn enter_and_exit(world: &World, id: usize, with: &With) -> Ended {
    let open = Open { world, id, with };
    let body = || Watch::new(world, id, interpret(world, &with.body));
    // As the body's value, or by `?`.
    let ended = match (with.shielded, id % 2) {
        (true, _) => async_with!(open.shielded(), { body().await }),
        (false, 0) => async_with!(open, { body().await }),
        (false, _) => async_with!(open, { Ok(body().await?) }),
    };
    world.behind(id);
    ended?
}

async fn scoped_in(world: &World, id: usize, scoped: &Scoped) -> Ended {
    let future = Watch::new(world, id, interpret(world, &scoped.inner));
    let stop = async {
        let reason = match scoped.stop {
            Stop::Never => pending().await,
            Stop::At(_) => {
                poll_fn(|cx| world.poll_stop(id, cx.waker())).await;
                id
            }
            Stop::HandleAt(_) | Stop::Fired => world.handle(id).await,
        };
        world.stop(id);
        reason
    };
    let scope = scope(future, stop);
    let ended = match scoped.grace {
        None => scope.await,
        Some(count) => scope.grace(|| grace(world, id, count)).await,
    };
    world.gives(id, &ended);
    ended.unwrap_or(Ok(()))
}

async fn grace(world: &World, id: usize, count: u8) {
    for _ in 0..count {
        crate::common::yield_once().await;
    }
    world.grace_is_over(id);
}

async fn race_between(world: &World, id: usize, racers: &[Node]) -> Ended {
    let running = Running::new(world, id);
    let numbered = |racer| interpret(world, racer).map(|ended| (racer.id, ended));
    let (winner, ended) = match racers {
        [a, b] => race((numbered(a), numbered(b))).await,
        _ => race(racers.iter().map(numbered).collect::<Vec<_>>()).await,
    };
    running.forget();
    world.race_gives(id, winner);
    ended
}

/// A shield or a race that runs.
struct Running<'a> {
    world: &'a World,
    id: usize,
}

impl<'a> Running<'a> {
    fn new(world: &'a World, id: usize) -> Self {
        world.begins(id);
        Running { world, id }
    }

    fn finish(self) {
        self.world.ended(self.id, true);
        self.forget();
    }

    fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.world.ended(self.id, false);
    }
}

/// A body, or the future of a region. Reports each poll, its end and its drop.
struct Watch<'a> {
    world: &'a World,
    id: usize,
    inner: LocalBoxFuture<'a, Ended>,
    polled: bool,
}

impl<'a> Watch<'a> {
    fn new(world: &'a World, id: usize, inner: LocalBoxFuture<'a, Ended>) -> Self {
        Watch {
            world,
            id,
            inner,
            polled: false,
        }
    }
}

impl Future for Watch<'_> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        self.polled = true;
        self.world.polls(self.id);
        let inner = &mut self.inner;
        match catch_unwind(AssertUnwindSafe(|| inner.as_mut().poll(cx))) {
            Ok(Poll::Ready(ended)) => {
                self.world.has_ended(self.id, Ok(ended));
                Poll::Ready(ended)
            }
            Ok(Poll::Pending) => Poll::Pending,
            Err(payload) => {
                self.world.has_ended(self.id, Err(message(&*payload)));
                resume_unwind(payload)
            }
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        // Its contents are dropped before it reports its own drop.
        self.inner = Box::pin(pending());
        if self.polled {
            self.world.is_gone(self.id);
        }
    }
}

/// The text of a panic.
pub fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    let fixed = payload.downcast_ref::<&str>().copied();
    text.unwrap_or_else(|| fixed.unwrap_or_default().to_owned())
}

struct Open<'a> {
    world: &'a World,
    id: usize,
    with: &'a With,
}

struct Resource<'a> {
    world: &'a World,
    id: usize,
    with: &'a With,
    state: State,
}

/// Reports its drop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Entering,
    Open,
    Exiting,
    Done,
}

impl<'a> AsyncEnter for Open<'a> {
    type Resource = Resource<'a>;

    async fn enter(self) -> Result<Resource<'a>, usize> {
        let Open { world, id, with } = self;
        let mut resource = Resource {
            world,
            id,
            with,
            state: State::Entering,
        };
        world.entering(id);
        let entered = interpret(world, &with.enter).await;
        if let Err(failed) = entered {
            resource.state = State::Done;
            world.not_entered(id, true);
            return Err(failed);
        }
        resource.state = State::Open;
        world.entered(id);
        Ok(resource)
    }
}

impl AsyncExit for Resource<'_> {
    type Error = usize;

    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), usize> {
        self.state = State::Exiting;
        self.world.exiting(self.id, outcome);
        let exit = async {
            let ended = interpret(self.world, &self.with.exit).await;
            if self.with.exit_ends == ExitEnds::Panicking {
                panics(self.world, self.id);
            }
            ended
        };
        let ended = AssertUnwindSafe(exit).catch_unwind().await;
        self.state = State::Done;
        let ended = ended.unwrap_or_else(|payload| {
            self.world.exit_panicked(self.id);
            resume_unwind(payload)
        });
        self.world.exited(self.id);
        match self.with.exit_ends {
            ExitEnds::Badly => Err(self.id),
            _ => ended,
        }
    }

    fn abandon(mut self, _: Handoff<'_>) {
        self.world.abandoned(self.id);
        self.state = State::Done;
    }
}

impl Drop for Resource<'_> {
    fn drop(&mut self) {
        match self.state {
            State::Entering => self.world.not_entered(self.id, false),
            State::Open => panic!("{} was neither exited nor abandoned", self.id),
            State::Exiting => self.world.cut(self.id),
            State::Done => {}
        }
    }
}
