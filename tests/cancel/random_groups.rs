//! Random programs of task groups and supervisors, whose tasks fail, panic, are cancelled and
//! joined, in scopes that are stopped at random times.
//!
//! No task works behind its group, every resource is exited, and of every failure somebody is told
//! once. `FORWITH_SEED` and `FORWITH_CASES` choose other programs.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::time::Duration;

use forwith::executor::group::{TaskError, TaskStatus};
use forwith::{AsyncExit, CancelToken, Handoff, Outcome, async_with, scope, shield};
use forwith_runtime::task_group::{GroupTask, Spawner};
use forwith_runtime::{Executor, TaskGroup, sleep};
use futures::future::LocalBoxFuture;

use crate::common::hook;
use crate::random_scopes::tree::Random;

/// The number of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Failure(usize);

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Shield(u64),
    /// A resource with an exit of so many seconds.
    Resource(u64, Vec<Step>),
    /// A resource that stops its body after so many seconds.
    Lease(u64, Vec<Step>),
    Group {
        is_supervisor: bool,
        body: Vec<Step>,
    },
    Scope(u64, Vec<Step>),
    /// Spawns a task in the innermost group.
    Spawn(Vec<Step>),
    /// Cancels a task of the innermost group.
    Cancel(usize),
    /// Joins a task of the innermost group.
    Join(usize),
    /// Awaits a task of the innermost group for its value.
    Await(usize),
    Fail,
    Panic,
}

fn secs(random: &mut Random, below: usize) -> u64 {
    random.below(below) as u64
}

fn steps(random: &mut Random, depth: usize) -> Vec<Step> {
    let count = 1 + random.below(4);
    (0..count).map(|_| step(random, depth)).collect()
}

fn step(random: &mut Random, depth: usize) -> Step {
    match random.below(if depth == 0 { 20 } else { 40 }) {
        0..=6 => Step::Wait(secs(random, 9)),
        7..=8 => Step::Shield(secs(random, 5)),
        9 => Step::Wait(1000),
        10..=12 => Step::Cancel(random.below(4)),
        13..=14 => Step::Join(random.below(4)),
        15 => Step::Await(random.below(4)),
        19 if random.below(3) == 0 => Step::Panic,
        16..=19 => Step::Fail,
        20..=23 => Step::Resource(secs(random, 3), steps(random, depth - 1)),
        24 => Step::Lease(secs(random, 9), steps(random, depth - 1)),
        25..=29 => Step::Group {
            is_supervisor: random.below(3) == 0,
            body: steps(random, depth - 1),
        },
        30 => Step::Scope(secs(random, 12), steps(random, depth - 1)),
        _ => Step::Spawn(steps(random, depth - 1)),
    }
}

/// What has happened in a program.
#[derive(Default)]
struct World {
    failures: Cell<usize>,
    has_panicked: Cell<bool>,
    open: Cell<usize>,
    wrong: RefCell<Vec<String>>,
    seen: Cell<Seen>,
}

/// Counts of rare events.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    joined: usize,
    cancelled_by_handle: usize,
    refused: usize,
    stopped_bodies: usize,
}

thread_local! {
    /// The failures of which somebody was told, in order.
    static TOLD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

fn tell(Failure(number): Failure) {
    TOLD.with_borrow_mut(|told| told.push(number));
}

/// Tells of the failure whose number is in a text.
fn tell_of(text: &str) {
    let number = text.trim_matches(|char: char| !char.is_ascii_digit());
    match number.parse() {
        Ok(number) => tell(Failure(number)),
        Err(_) => tell(Failure(usize::MAX)), // no failure of ours: a cut exit, say
    }
}

impl World {
    fn fail(&self) -> Failure {
        let number = self.failures.get();
        self.failures.set(number + 1);
        Failure(number)
    }

    fn wrong(&self, what: impl Into<String>) {
        self.wrong.borrow_mut().push(what.into());
    }

    fn see(&self, change: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.get();
        change(&mut seen);
        self.seen.set(seen);
    }
}

struct Resource {
    world: Rc<World>,
    exit: u64,
    lost: Option<CancelToken>,
}

impl Resource {
    fn open(world: &Rc<World>, exit: u64, lost: Option<CancelToken>) -> Self {
        world.open.set(world.open.get() + 1);
        let world = world.clone();
        Resource { world, exit, lost }
    }
}

impl AsyncExit for Resource {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        sleep(Duration::from_secs(self.exit)).await;
        self.world.open.set(self.world.open.get() - 1);
        let is_lost = self.lost.is_some_and(|lost| lost.is_cancelled());
        if is_lost {
            self.world.see(|seen| seen.stopped_bodies += 1);
            return Err(self.world.fail());
        }
        Ok(())
    }

    fn body_stop(&self) -> Option<CancelToken> {
        self.lost.clone()
    }

    fn abandon(self, _: Handoff<'_>) {
        self.world.wrong("a resource was abandoned");
    }
}

/// The innermost group.
#[derive(Clone)]
struct Around {
    spawner: Spawner<Failure>,
    tasks: Rc<RefCell<Vec<GroupTask<(), Failure>>>>,
    working: Rc<Cell<usize>>,
}

impl Around {
    fn take(&self, number: usize) -> Option<GroupTask<(), Failure>> {
        let mut tasks = self.tasks.borrow_mut();
        let count = tasks.len();
        (count > 0).then(|| tasks.remove(number % count))
    }
}

/// A task while it works.
struct Working(Rc<Cell<usize>>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

type Ended = Result<(), Failure>;

fn run(
    world: Rc<World>,
    around: Option<Around>,
    steps: Vec<Step>,
) -> LocalBoxFuture<'static, Ended> {
    Box::pin(async move {
        for step in steps {
            run_step(&world, around.as_ref(), step).await?;
        }
        Ok(())
    })
}

async fn run_step(world: &Rc<World>, around: Option<&Around>, step: Step) -> Ended {
    let inside = |steps| run(world.clone(), around.cloned(), steps);
    let task = |number| around.and_then(|around| around.take(number));
    match step {
        Step::Wait(n) => sleep(Duration::from_secs(n)).await,
        Step::Shield(n) => shield(sleep(Duration::from_secs(n))).await,
        Step::Resource(exit, steps) => {
            let resource = async { Ok(Resource::open(world, exit, None)) };
            async_with!(resource, { inside(steps).await? })?;
        }
        Step::Lease(after, steps) => lease(world, after, inside(steps)).await?,
        Step::Group {
            is_supervisor,
            body,
        } => group(world, is_supervisor, body).await?,
        Step::Scope(after, steps) => {
            let limit = sleep(Duration::from_secs(after));
            scope(inside(steps), limit).await.unwrap_or(Ok(()))?;
        }
        Step::Spawn(steps) => {
            if let Some(around) = around {
                spawn(world, around, steps);
            }
        }
        Step::Cancel(number) => {
            let Some(around) = around else { return Ok(()) };
            let tasks = around.tasks.borrow();
            if let Some(task) = tasks.get(number % tasks.len().max(1)) {
                if task.status() == TaskStatus::Runs {
                    world.see(|seen| seen.cancelled_by_handle += 1);
                }
                task.cancel();
            }
        }
        Step::Join(number) => match task(number) {
            None => {}
            Some(task) => {
                let joined = task.join().await;
                world.see(|seen| seen.joined += 1);
                match joined {
                    Err(TaskError::Failed(failure)) => tell(failure),
                    Err(TaskError::Panicked(panic)) => tell_of(&panic.to_string()),
                    _ => {}
                }
            }
        },
        Step::Await(number) => {
            if let Some(task) = task(number) {
                task.await;
            }
        }
        Step::Fail => return Err(world.fail()),
        Step::Panic => {
            world.has_panicked.set(true);
            resume_unwind(Box::new(format!("{:?}", world.fail())))
        }
    }
    Ok(())
}

/// Runs a body whose resource stops it. Meanwhile it is a task of its own that waits.
async fn lease(world: &Rc<World>, after: u64, body: LocalBoxFuture<'static, Ended>) -> Ended {
    let lost = CancelToken::new();
    let resource = async { Ok(Resource::open(world, 0, Some(lost.clone()))) };
    let losing = forwith_runtime::spawn({
        let lost = lost.clone();
        async move {
            sleep(Duration::from_secs(after)).await;
            lost.cancel();
        }
    });
    let held = async_with!(resource, { body.await? });
    losing.abort();
    held
}

async fn group(world: &Rc<World>, is_supervisor: bool, body: Vec<Step>) -> Ended {
    let group = if is_supervisor {
        TaskGroup::supervisor()
    } else {
        TaskGroup::new()
    };
    let working = Rc::new(Cell::new(0));
    let ended = async_with!(group as group, {
        let around = Around {
            spawner: group.spawner(),
            tasks: Rc::default(),
            working: working.clone(),
        };
        run(world.clone(), Some(around), body).await?;
    });
    if working.get() > 0 {
        world.wrong(format!("{} tasks work behind their group", working.get()));
    }
    ended
}

fn spawn(world: &Rc<World>, around: &Around, steps: Vec<Step>) {
    let (world, inside) = (world.clone(), around.clone());
    let work = {
        let world = world.clone();
        async move {
            inside.working.set(inside.working.get() + 1);
            let _working = Working(inside.working.clone());
            run(world, Some(inside), steps).await
        }
    };
    match around.spawner.spawn(work) {
        Ok(task) => around.tasks.borrow_mut().push(task),
        Err(_closed) => world.see(|seen| seen.refused += 1),
    }
}

/// Runs a program in a scope, and gives all that went wrong.
fn check(program: &[Step], stopped_after: u64) -> (Seen, Vec<String>) {
    let world = Rc::new(World::default());
    TOLD.take();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        Executor::with_virtual_clock().block_on({
            let world = world.clone();
            let work = run(world, None, program.to_vec());
            scope(work, async move {
                sleep(Duration::from_secs(stopped_after)).await;
            })
        })
    }));
    match ended {
        Ok(Ok(Err(failure))) => tell(failure),
        Ok(other) => drop(other), // the hook hears of what a cancellation has collected
        Err(payload) => tell_of(payload.downcast_ref::<String>().expect("a panic of ours")),
    }
    if world.open.get() > 0 {
        world.wrong(format!("{} resources were not exited", world.open.get()));
    }
    let mut told = TOLD.take();
    told.sort_unstable();
    let all: Vec<_> = (0..world.failures.get()).collect();
    // A panic may take the place of an error that was on its way.
    let is_told = if world.has_panicked.get() {
        told.windows(2).all(|two| two[0] != two[1])
    } else {
        told == all
    };
    if !is_told {
        world.wrong(format!(
            "there were {} failures, told were {told:?}",
            all.len()
        ));
    }
    (world.seen.get(), world.wrong.take())
}

fn number(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable);
    set.map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn random_groups_lose_no_task_and_no_failure() {
    hook::set(|error| tell_of(&hook::shown(error)));
    let (first, cases) = (number("FORWITH_SEED", 1), number("FORWITH_CASES", 10_000));
    let mut all = Seen::default();
    for seed in first..first + cases {
        let mut random = Random::new(seed);
        let body = steps(&mut random, 5);
        let program = [Step::Group {
            is_supervisor: random.below(4) == 0,
            body,
        }];
        let stopped_after = if random.below(2) == 0 {
            secs(&mut random, 20)
        } else {
            5_000
        };
        let (seen, wrong) = check(&program, stopped_after);
        assert!(
            wrong.is_empty(),
            "FORWITH_SEED={seed}, stopped after {stopped_after}: {wrong:#?}\n{program:#?}"
        );
        all.joined += seen.joined;
        all.cancelled_by_handle += seen.cancelled_by_handle;
        all.refused += seen.refused;
        all.stopped_bodies += seen.stopped_bodies;
    }
    println!("{all:?}");
    let rare = [
        all.joined,
        all.cancelled_by_handle,
        all.refused,
        all.stopped_bodies,
    ];
    assert!(
        cases < 10_000 || rare.iter().min() > Some(&100),
        "the programs are too tame"
    );
}
