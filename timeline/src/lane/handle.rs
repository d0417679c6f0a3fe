//! The handle of an executor.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::event::{Event, EventKind, Label, TaskId};
use crate::timeline::Timeline;

/// A way for one thread into a [`Timeline`]: the task that its events belong to, and the clock that
/// tells their time.
///
/// An executor [enters](Lane::enter) its lane while it polls futures. Inside, [`note`](crate::note)
/// and the other free functions record there. Clones are handles to the same lane.
///
/// ```
/// use forwith_timeline::{EventKind, Lane, Timeline, note};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let lane = Lane::new(&timeline, "importer", || Duration::ZERO);
/// {
///     let _entered = lane.enter();
///     note("100 rows");
/// }
/// lane.record(EventKind::Finished);
/// note("goes nowhere");
///
/// let events = timeline.events().into_iter();
/// assert_eq!(events.map(|event| event.kind).collect::<Vec<_>>(), [
///     EventKind::Spawned { name: Some("importer".into()) },
///     EventKind::Note("100 rows".into()),
///     EventKind::Finished,
/// ]);
/// ```
#[derive(Clone)]
pub struct Lane(Rc<Shared>);

struct Shared {
    timeline: Timeline,
    task: Cell<TaskId>,
    /// Whether the lane moves between the tasks of an executor.
    is_of_executor: bool,
    clock: Box<dyn Fn() -> Duration>,
}

impl Lane {
    /// Creates a lane for one task. The task gets a number of its own, and is recorded as
    /// [spawned](EventKind::Spawned). `clock` tells the time of each event.
    ///
    /// ```
    /// use forwith_timeline::{Lane, Timeline};
    /// use std::time::Instant;
    ///
    /// let (timeline, begin) = (Timeline::new(), Instant::now());
    /// let lane = Lane::new(&timeline, "importer", move || begin.elapsed());
    /// assert!(timeline.to_string().contains("importer"));
    /// ```
    pub fn new(
        timeline: &Timeline,
        name: impl Into<Label>,
        clock: impl Fn() -> Duration + 'static,
    ) -> Self {
        let lane = Lane::with(timeline, timeline.next_task(), false, clock);
        let name = Some(name.into());
        lane.record(EventKind::Spawned { name });
        lane
    }

    /// Creates a lane for the tasks of an executor, which numbers them itself. It calls
    /// [`set_task`](Lane::set_task) before each poll; the first task is [`TaskId::MAIN`].
    ///
    /// ```
    /// use forwith_timeline::{EventKind, Lane, TaskId, Timeline, note};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::new();
    /// let lane = Lane::of_executor(&timeline, || Duration::ZERO);
    /// let _entered = lane.enter();
    /// let task = TaskId::MAIN.next();
    /// lane.set_task(task);
    /// note("hello");
    /// assert_eq!(timeline.events()[0].task, task);
    /// ```
    pub fn of_executor(timeline: &Timeline, clock: impl Fn() -> Duration + 'static) -> Self {
        Lane::with(timeline, TaskId::MAIN, true, clock)
    }

    fn with(
        timeline: &Timeline,
        task: TaskId,
        is_of_executor: bool,
        clock: impl Fn() -> Duration + 'static,
    ) -> Self {
        Lane(Rc::new(Shared {
            timeline: timeline.clone(),
            task: Cell::new(task),
            is_of_executor,
            clock: Box::new(clock),
        }))
    }

    /// Sets the task that the next events belong to. Returns the task before.
    ///
    /// ```
    /// use forwith_timeline::{Lane, TaskId, Timeline};
    /// use std::time::Duration;
    ///
    /// let lane = Lane::of_executor(&Timeline::new(), || Duration::ZERO);
    /// assert_eq!(lane.set_task(TaskId::MAIN.next()), TaskId::MAIN);
    /// ```
    #[expect(clippy::must_use_candidate, reason = "it sets something")]
    pub fn set_task(&self, task: TaskId) -> TaskId {
        self.0.task.replace(task)
    }

    /// Records an event of the current task.
    ///
    /// ```
    /// use forwith_timeline::{EventKind, Lane, Timeline};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::new();
    /// let lane = Lane::new(&timeline, "importer", || Duration::ZERO);
    /// lane.record(EventKind::PollStarted);
    /// assert_eq!(timeline.events()[1].kind, EventKind::PollStarted);
    /// ```
    pub fn record(&self, kind: EventKind) {
        self.record_for(self.0.task.get(), kind);
    }

    /// Records an event of another task.
    ///
    /// ```
    /// use forwith_timeline::{EventKind, Lane, TaskId, Timeline};
    /// use std::time::Duration;
    ///
    /// let timeline = Timeline::new();
    /// let lane = Lane::of_executor(&timeline, || Duration::ZERO);
    /// let woken = TaskId::MAIN.next();
    /// lane.record_for(woken, EventKind::Woken);
    /// assert_eq!(timeline.events()[0].task, woken);
    /// ```
    pub fn record_for(&self, task: TaskId, kind: EventKind) {
        let at = (self.0.clock)();
        self.0.timeline.push(Event { at, task, kind });
    }

    /// Whether the executor's numbers of tasks are those of the timeline.
    pub(super) fn is_of_executor(&self) -> bool {
        self.0.is_of_executor
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let task = self.0.task.get();
        f.debug_struct("Lane")
            .field("task", &task)
            .finish_non_exhaustive()
    }
}
