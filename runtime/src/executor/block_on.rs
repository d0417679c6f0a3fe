//! Running a future to its end.

use std::panic::resume_unwind;
use std::pin::pin;
use std::time::Duration;

use forwith::executor::outside;
use forwith_timeline::{self as timeline, EventKind, Timeline};

use super::run::Run;
use crate::clocks::Clock;
use crate::util::panic::catch;

/// Runs a future on this thread, and beside it the tasks that are spawned. Returns when all of them
/// have ended.
///
/// Short for [`Executor::new()`](Executor::new)`.block_on(future)`; see [`Executor::block_on`].
///
/// ```
/// assert_eq!(forwith_runtime::block_on(async { 3 * 3 * 3 }), 27);
/// ```
///
/// # Panics
///
/// A panic of the future propagates when the remaining tasks have been cancelled and have ended.
#[doc(alias("runBlocking", "run_until_complete"))]
pub fn block_on<F: IntoFuture>(future: F) -> F::Output {
    Executor::new().block_on(future)
}

/// Runs futures: by the real clock or a virtual one, with or without a [`Timeline`].
///
/// One executor may run any number of futures, one after the other or one inside the other. Each
/// run has tasks and timers of its own, and its clock starts at zero.
///
/// ```
/// use forwith_runtime::{Executor, gather, now, sleep};
/// use std::time::Duration;
///
/// async fn cube(x: u64) -> u64 {
///     sleep(Duration::from_secs(x)).await;
///     x * x * x
/// }
///
/// let (cubes, elapsed) = Executor::with_virtual_clock()
///     .block_on(async { (gather([cube(3), cube(4), cube(5)]).await, now()) });
/// assert_eq!(cubes, [27, 64, 125]);
/// assert_eq!(elapsed, Duration::from_secs(5)); // the time of the longest
/// ```
#[doc(alias("Runtime", "LocalSet"))]
#[derive(Clone, Debug, Default)]
#[must_use = "an executor does nothing until it blocks on a future"]
pub struct Executor {
    virtual_clock: bool,
    /// How long the end may take.
    grace: Option<Duration>,
    timeline: Option<Timeline>,
}

impl Executor {
    /// An executor that runs by the real clock.
    ///
    /// ```
    /// use forwith_runtime::Executor;
    ///
    /// assert_eq!(Executor::new().block_on(async { "hello" }), "hello");
    /// ```
    pub fn new() -> Self {
        Executor::default()
    }

    /// An executor whose clock stands still while a task runs, and jumps to the next timer when all
    /// tasks wait. So a day passes at once, and exactly.
    ///
    /// If no timer is armed either, the executor waits for a wake from another thread. While one is
    /// armed, it does not.
    ///
    /// ```
    /// use forwith_runtime::{Executor, now, sleep};
    /// use std::time::Duration;
    ///
    /// let day = Duration::from_secs(24 * 60 * 60);
    /// Executor::with_virtual_clock().block_on(async {
    ///     sleep(day).await;
    ///     assert_eq!(now(), day);
    /// });
    /// ```
    #[doc(alias("start_paused", "MockClock", "TestScope"))]
    pub fn with_virtual_clock() -> Self {
        Executor {
            virtual_clock: true,
            ..Executor::default()
        }
    }

    /// Records what happens into `timeline`, which then holds the run that began last. Nested runs
    /// must not share one.
    ///
    /// Resources are recorded as well, by the name of their type. For that, the first recording of
    /// the program adds a [probe to `forwith`](forwith::observe::add_probe).
    ///
    /// ```
    /// use forwith_runtime::{Executor, Timeline, timeline};
    ///
    /// let record = Timeline::new();
    /// Executor::with_virtual_clock()
    ///     .record(&record)
    ///     .block_on(async { timeline::note("hello") });
    /// assert!(record.to_string().contains("hello"));
    /// ```
    pub fn record(mut self, timeline: &Timeline) -> Self {
        self.timeline = Some(timeline.clone());
        self
    }

    /// Bounds the end of [`block_on`](Executor::block_on). When that much time has passed since the
    /// future was ready, the remaining tasks are dropped, in the order of spawning. By default
    /// there is no bound.
    ///
    /// With [`Duration::ZERO`] nothing is cancelled, and all remaining tasks are dropped at once.
    ///
    /// ```
    /// use forwith::{AsyncExit, Outcome, async_with};
    /// use forwith::report::lost_exits;
    /// use forwith_runtime::{Executor, spawn, yield_now};
    /// use std::{convert::Infallible, future::pending, time::Duration};
    ///
    /// struct Stubborn;
    ///
    /// impl AsyncExit for Stubborn {
    ///     type Error = Infallible;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Infallible> {
    ///         pending().await
    ///     }
    /// }
    ///
    /// let executor = Executor::with_virtual_clock().grace(Duration::from_secs(5));
    /// let task = executor.block_on(async {
    ///     let enter = async { Ok(Stubborn) };
    ///     let task = spawn(async { async_with!(enter, { pending::<()>().await }) });
    ///     yield_now().await;
    ///     task
    /// });
    /// assert!(executor.block_on(task).unwrap_err().is_aborted());
    /// assert!(lost_exits() > 0); // its exit was cut
    /// ```
    ///
    /// Exits that such a drop hands over go to the reaper outside of this executor, if there is
    /// one.
    pub fn grace(mut self, limit: Duration) -> Self {
        self.grace = Some(limit);
        self
    }

    /// Runs `future` on this thread, and beside it the tasks that are spawned. Returns when all of
    /// them have ended.
    ///
    /// When the future is ready or has panicked, the run ends:
    ///
    /// 1. The remaining tasks are [cancelled](crate::JoinHandle::cancel), all at once. They run
    ///    until their exits have ended, by the same clock as before. Exits that were handed over
    ///    (see below) are awaited with them.
    /// 2. Tasks that those exits or destructors spawn run beside them. When the others have ended,
    ///    these are cancelled in turn; and so on, until no task remains.
    ///
    /// An exit that never ends keeps this from returning, and so does an endless
    /// [`shield`](forwith::shield). [`grace`](Executor::grace) sets a bound.
    ///
    /// ```
    /// use forwith::async_with;
    /// use forwith_runtime::mock::Database;
    /// use forwith_runtime::{Executor, sleep, spawn};
    /// use std::future::pending;
    /// use std::time::Duration;
    ///
    /// let database = Database::new();
    /// Executor::with_virtual_clock().block_on(async {
    ///     let connect = database.connect("mock://db.somedomain.net");
    ///     spawn(async { async_with!(connect, { pending::<()>().await }) });
    ///     sleep(Duration::from_secs(1)).await;
    /// });
    /// assert_eq!(database.log().last().unwrap().to_string(), "  1.200s  connection 1: closed");
    /// ```
    ///
    /// Inside, the executor is the thread's [reaper](forwith::reaper::LocalReaper): where a future
    /// is dropped, the exits that its resources [hand over](forwith::Handoff) run as tasks, named
    /// "reaper" in the [`Timeline`].
    ///
    /// It may be called inside a task. The inner call has tasks and a clock of its own, and the
    /// outer one does not run meanwhile. Neither the future nor the tasks belong to a
    /// [`scope`](forwith::scope) around the call.
    ///
    /// ```
    /// use forwith_runtime::{Executor, spawn};
    ///
    /// let local = String::from("neither Send nor 'static");
    /// let length = Executor::new().block_on(async {
    ///     let two = spawn(async { 2 }).await.unwrap();
    ///     local.len() * two
    /// });
    /// assert_eq!(length, 48);
    /// ```
    ///
    /// # Panics
    ///
    /// A panic of `future` propagates when the remaining tasks have been cancelled and have ended.
    /// A panic of a task does not: it goes to the task's [`JoinHandle`](crate::JoinHandle).
    pub fn block_on<F: IntoFuture>(&self, future: F) -> F::Output {
        outside(|| self.run(future))
    }

    fn run<F: IntoFuture>(&self, future: F) -> F::Output {
        let run = Run::new(self.clock(), self.timeline());
        let _entered = run.enter();
        let reaper = run.enter_reaper();
        let result = catch(|| {
            let main = pin!(future.into_future());
            run.run(main)
        });
        if result.is_err() {
            timeline::record(|| EventKind::Panicked);
        }
        run.cancel_and_await_tasks(self.grace);
        drop(reaper);
        run.close();
        run.drop_tasks();
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn clock(&self) -> Clock {
        if self.virtual_clock {
            Clock::at_zero()
        } else {
            Clock::real()
        }
    }

    fn timeline(&self) -> Option<Timeline> {
        let timeline = self.timeline.clone();
        timeline.inspect(Timeline::clear)
    }
}
