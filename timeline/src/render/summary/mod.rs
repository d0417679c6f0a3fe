//! The summary: how long each task ran and waited.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::event::{Event, EventKind};
use crate::record::Record;
use crate::render::readable::{columns, padded, short_duration, shortened};
use crate::replay::{self, Doing, Replayed, Stretch};

use crate::event::Label;
use crate::event::TaskId;

/// The number of tasks that are printed.
const PRINTED: usize = 20;
/// The width of their names.
const WIDEST: usize = 24;

/// How long each task of a [`Timeline`](crate::Timeline) ran, could have run, and waited. It prints
/// as a short table.
///
/// ```
/// use forwith_timeline::{Event, EventKind, TaskId, Timeline};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// let [main, sleeper] = [TaskId::MAIN, TaskId::MAIN.next()];
/// let push = |seconds, task, kind| {
///     let at = Duration::from_secs(seconds);
///     timeline.push(Event { at, task, kind });
/// };
/// push(0, main, EventKind::Spawned { name: None });
/// push(0, sleeper, EventKind::Spawned { name: Some("sleeper".into()) });
/// for (task, seconds) in [(main, 0), (sleeper, 0), (sleeper, 3), (main, 4)] {
///     push(seconds, task, EventKind::PollStarted);
///     push(seconds, task, EventKind::PollEnded { ready: seconds > 0 });
/// }
/// assert_eq!(timeline.summary().to_string(), "\
/// task      polls   yields     runs   could run    waits
/// main          2        0     0.0%        0.0%   100.0%   of 4 s
/// sleeper       2        0     0.0%        0.0%   100.0%   of 3 s
/// By this clock a poll takes no time.
/// ");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The tasks, in the order of spawning.
    pub tasks: Vec<TaskSummary>,
    /// The poll that took longest, and let all others wait. `None` if no poll took any time.
    pub longest_poll: Option<LongestPoll>,
}

/// The time of one task, from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskSummary {
    /// The task.
    pub task: TaskId,
    /// Its name, or else its number.
    pub name: Label,
    /// The number of its polls.
    pub polls: usize,
    /// The number of polls in which it was woken: it let the others go first.
    pub yields: usize,
    /// The time in which it was polled.
    pub ran: Duration,
    /// The time in which it could have been polled, while others were.
    pub queued: Duration,
    /// The time in which it waited.
    pub waited: Duration,
}

/// A poll, during which no other task could run on its thread.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LongestPoll {
    /// The task that was polled.
    pub task: TaskId,
    /// The time at which the poll began.
    pub at: Duration,
    /// The time that it took.
    pub duration: Duration,
}

impl Summary {
    pub(crate) fn of(record: &Record) -> Self {
        let mut tally = Tally::default();
        replay::survey(record, |played| match played {
            Replayed::Event(event, ()) => tally.name(event),
            Replayed::Stretch(stretch) => tally.add(&stretch),
        });
        Summary {
            tasks: tally.tasks.into_values().collect(),
            longest_poll: tally.longest_poll,
        }
    }

    fn name_of(&self, task: TaskId) -> &str {
        let found = self.tasks.iter().find(|summary| summary.task == task);
        found.map_or("", |summary| &summary.name)
    }
}

/// The summary, as far as the record is played.
#[derive(Default)]
struct Tally {
    tasks: BTreeMap<TaskId, TaskSummary>,
    longest_poll: Option<LongestPoll>,
}

impl Tally {
    fn task(&mut self, task: TaskId) -> &mut TaskSummary {
        self.tasks.entry(task).or_insert_with(|| TaskSummary {
            task,
            name: task.to_string().into(),
            polls: 0,
            yields: 0,
            ran: Duration::ZERO,
            queued: Duration::ZERO,
            waited: Duration::ZERO,
        })
    }

    fn name(&mut self, event: &Event) {
        if !matches!(event.kind, EventKind::Spawned { .. }) {
            return;
        }
        let task = self.task(event.task);
        if let Some(name) = event.kind.name() {
            task.name.clone_from(name);
        }
    }

    fn add(&mut self, stretch: &Stretch<()>) {
        let duration = stretch.duration();
        let task = self.task(stretch.task);
        match stretch.doing {
            Doing::Runs { yields } => {
                task.polls += 1;
                task.yields += usize::from(yields);
                task.ran += duration;
                self.compare_poll(stretch);
            }
            Doing::Queues => task.queued += duration,
            Doing::Waits(_) => task.waited += duration,
            Doing::Holds(_) => {}
        }
    }

    /// Keeps the longest poll, and of several the first.
    fn compare_poll(&mut self, poll: &Stretch<()>) {
        let duration = poll.duration();
        let longest = self.longest_poll.as_ref();
        if duration > longest.map_or(Duration::ZERO, |longest| longest.duration) {
            self.longest_poll = Some(LongestPoll {
                task: poll.task,
                at: poll.from.at,
                duration,
            });
        }
    }
}

impl fmt::Display for Summary {
    /// Writes the tasks that ran longest, in the order of spawning.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tasks: Vec<_> = self.tasks.iter().collect();
        tasks.sort_by_key(|task| Reverse((task.ran, task.polls)));
        tasks.truncate(PRINTED);
        tasks.sort_by_key(|task| task.task);
        let names: Vec<_> = tasks
            .iter()
            .map(|task| shortened(&task.name, WIDEST))
            .collect();
        let widest = |widths: &mut dyn Iterator<Item = usize>, title: &str| {
            widths.max().unwrap_or_default().max(title.len())
        };
        let width = widest(&mut names.iter().map(|name| columns(name)), "task");
        let polls = widest(&mut tasks.iter().map(|task| digits(task.polls)), "polls");
        let yields = widest(&mut tasks.iter().map(|task| digits(task.yields)), "yields");
        writeln!(
            f,
            "{:width$}   {:>polls$}   {:>yields$}     runs   could run    waits",
            "task", "polls", "yields"
        )?;
        for (task, name) in tasks.iter().zip(names) {
            write!(f, "{}   ", padded(&name, width))?;
            task.write(polls, yields, f)?;
            writeln!(f)?;
        }
        if tasks.len() < self.tasks.len() {
            writeln!(f, "and {} more tasks", self.tasks.len() - tasks.len())?;
        }
        self.write_longest_poll(f)
    }
}

impl Summary {
    fn write_longest_poll(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(poll) = &self.longest_poll else {
            return writeln!(f, "By this clock a poll takes no time.");
        };
        writeln!(
            f,
            "The longest poll without a yield: {} ran for {}, at {}.",
            shortened(self.name_of(poll.task), WIDEST),
            short_duration(poll.duration),
            short_duration(poll.at)
        )
    }
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

impl fmt::Display for TaskSummary {
    /// Writes the figures of a line, without the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write("polls".len(), "yields".len(), f)
    }
}

impl TaskSummary {
    /// Writes the figures in columns. `polls` and `yields` are the widths of the first two.
    fn write(&self, polls: usize, yields: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.ran + self.queued + self.waited;
        let share = |part: Duration| match whole {
            Duration::ZERO => "-".to_owned(),
            _ => format!("{:.1}%", part.as_secs_f64() / whole.as_secs_f64() * 100.0),
        };
        let [ran, queued, waited] = [self.ran, self.queued, self.waited].map(share);
        write!(
            f,
            "{:>polls$}   {:>yields$}   {ran:>6}   {queued:>9}   {waited:>6}   of {}",
            self.polls,
            self.yields,
            short_duration(whole)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timeline;

    #[test]
    fn the_poll_that_starves_the_others_is_named() {
        let timeline = Timeline::new();
        let hog = TaskId::MAIN.next();
        let starved = hog.next();
        let name = Some("hog".into());
        let events = [
            (0, hog, EventKind::Spawned { name }),
            (0, starved, EventKind::Spawned { name: None }),
            (1, hog, EventKind::PollStarted),
            (2, hog, EventKind::Woken),
            (5, hog, EventKind::PollEnded { ready: false }),
            (6, hog, EventKind::PollStarted),
            (9, hog, EventKind::PollEnded { ready: false }),
            (9, starved, EventKind::PollStarted),
            (10, starved, EventKind::PollEnded { ready: true }),
            (10, starved, EventKind::Finished),
            (12, hog, EventKind::Aborted),
        ];
        for (at, task, kind) in events {
            let at = Duration::from_millis(at);
            timeline.push(Event { at, task, kind });
        }
        assert_eq!(
            timeline.summary().to_string(),
            "\
task     polls   yields     runs   could run    waits
hog          2        1    58.3%       16.7%    25.0%   of 12 ms
task 2       1        0    10.0%       90.0%     0.0%   of 10 ms
The longest poll without a yield: hog ran for 4 ms, at 1 ms.
"
        );
    }
}
