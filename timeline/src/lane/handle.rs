//! The handle of who records.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::event::{Event, EventKind, Label, TaskId};
use crate::timeline::Timeline;

/// A place in a [`Timeline`] for what one thread does: whose events they are, and by which clock.
///
/// Whoever polls futures [enters](Lane::enter) its lane meanwhile. Then [`note`](crate::note) and the other free functions add to
/// it from inside those futures. Clones are handles to the same lane.
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
pub struct Lane(Rc<State>);

struct State {
    timeline: Timeline,
    task: Cell<TaskId>,
    /// Whether the lane moves between the tasks of an executor.
    is_shared: bool,
    clock: Box<dyn Fn() -> Duration>,
}

impl Lane {
    /// A lane for one task, which gets a number of its own and is recorded as [spawned](EventKind::Spawned).
    ///
    /// `clock` tells the time of each event.
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

    /// A lane for the tasks of one executor, which says by [`set_task`](Lane::set_task) which of them it polls. That is
    /// [`TaskId::MAIN`] at first.
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
        is_shared: bool,
        clock: impl Fn() -> Duration + 'static,
    ) -> Self {
        Lane(Rc::new(State {
            timeline: timeline.clone(),
            task: Cell::new(task),
            is_shared,
            clock: Box::new(clock),
        }))
    }

    /// Sets the task whose events follow. Gives the task before.
    pub fn set_task(&self, task: TaskId) -> TaskId {
        self.0.task.replace(task)
    }

    /// Records an event of the task that is set.
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

    /// Whether the numbers of the executor's tasks mean something in this lane.
    pub(super) fn is_shared(&self) -> bool {
        self.0.is_shared
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
