//! Random trees of scopes, resources, races, shields and combinators, stopped and dropped at random
//! times. Invariants are checked at each step.
//!
//! `FORWITH_SEED` and `FORWITH_CASES` choose other trees. A tree that fails is made as small as
//! possible and printed with its seed.

mod found;
mod interpret;
mod moved;
pub mod tree;
mod world;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::common::hook::Kind as Told;
use crate::common::{Woken, hook};
use interpret::{Ended, interpret, message};
use tree::{Node, Random, smaller, tree};
use world::{Seen, World};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Gave,
    Panicked,
    Dropped,
    /// It was never woken again.
    Idle,
}

thread_local! {
    /// The numbers of cut exits and of panics that were reported.
    static TOLD: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Counts the exit errors of this thread from here on.
fn listen() {
    hook::set(|error| {
        let (cut, panicked) = TOLD.get();
        TOLD.set(match Told::of(error) {
            Told::Cut => (cut + 1, panicked),
            Told::Panicked => (cut, panicked + 1),
            _ => (cut, panicked),
        });
    });
    TOLD.set((0, 0));
}

/// Runs a tree, and drops it after `drop_at` polls. Gives all that went wrong.
fn run(root: &Node, drop_at: usize) -> (End, Seen, Vec<String>) {
    listen();
    let world = World::new(root);
    let ended = catch_unwind(AssertUnwindSafe(|| drive(&world, root, drop_at)));
    let end = ended.unwrap_or_else(|payload| {
        world.panicked(&message(&*payload));
        End::Panicked
    });
    world.over();
    let (cut, panicked) = TOLD.get();
    world.told(cut, panicked + usize::from(end == End::Panicked));
    (end, world.seen.get(), world.wrong.take())
}

/// Polls only after a wake. Without a wake the next stop fires.
fn drive(world: &World, root: &Node, drop_at: usize) -> End {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut cx = Context::from_waker(&waker);
    let mut future = Some(interpret(world, root));
    for polls in 0.. {
        assert!(polls < 10_000, "it does not end");
        if polls == drop_at {
            world.dropping.set(true);
            future = None;
        }
        let Some(future) = &mut future else {
            return End::Dropped;
        };
        world.now.set(world.now.get() + 1);
        if let Poll::Ready(ended) = future.as_mut().poll(&mut cx) {
            let _: Ended = ended;
            return End::Gave;
        }
        world.fire_due();
        if !wait(world, &woken) {
            world.idle();
            world.dropping.set(true);
            return End::Idle;
        }
    }
    unreachable!("the loop ends in itself")
}

/// Fires stops until one wakes. Gives false if none does.
fn wait(world: &World, woken: &Woken) -> bool {
    loop {
        if woken.take() {
            return true;
        }
        let Some(at) = world.next_stop() else {
            return false;
        };
        world.now.set(at);
        world.fire_due();
    }
}

/// Gives the smallest tree that still fails, and how.
fn shrunk(mut root: Node, drop_at: usize) -> (Node, Vec<String>) {
    let mut wrong = run(&root, drop_at).2;
    while let Some((next, how)) = smaller(&root).into_iter().find_map(|tree| {
        let wrong = run(&tree, drop_at).2;
        (!wrong.is_empty()).then_some((tree, wrong))
    }) {
        (root, wrong) = (next, how);
    }
    (root, wrong)
}

fn number(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable);
    set.map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn random_trees_exit_in_order() {
    let (first, cases) = (number("FORWITH_SEED", 1), number("FORWITH_CASES", 20_000));
    let (mut ends, mut all) = ([0; 4], Seen::default());
    for seed in first..first + cases {
        let mut random = Random::new(seed);
        let root = tree(&mut random);
        let drop_at = if random.below(4) == 0 {
            random.below(30)
        } else {
            usize::MAX
        };
        let (end, seen, wrong) = run(&root, drop_at);
        ends[end as usize] += 1;
        all = sum(all, seen);
        if !wrong.is_empty() {
            let (small, how) = shrunk(root, drop_at);
            panic!("FORWITH_SEED={seed}, dropped at {drop_at}: {how:#?}\n{small:#?}");
        }
    }
    let [gave, panicked, dropped, idle] = ends;
    println!("{gave} ended, {panicked} panicked, {dropped} were dropped, {idle} waited for ever");
    println!("{all:?}");
    assert!(
        cases < 20_000 || has_enough(ends, all),
        "the trees are too tame"
    );
}

fn sum(a: Seen, b: Seen) -> Seen {
    Seen {
        cancelled: a.cancelled + b.cancelled,
        cut: a.cut + b.cut,
        abandoned: a.abandoned + b.abandoned,
        ungraceful: a.ungraceful + b.ungraceful,
        finished_anyway: a.finished_anyway + b.finished_anyway,
        losers_awaited: a.losers_awaited + b.losers_awaited,
    }
}

/// Whether every rare event has happened often enough.
fn has_enough(ends: [usize; 4], seen: Seen) -> bool {
    let rare = [
        seen.cut,
        seen.abandoned,
        seen.ungraceful,
        seen.finished_anyway,
        seen.losers_awaited,
    ];
    let rarest = ends.iter().chain(&rare).min();
    seen.cancelled > 5_000 && rarest > Some(&200)
}
