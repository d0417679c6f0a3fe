//! The trace format of Chromium, which Perfetto reads, too.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::event::TaskId;
use crate::event::{Event, EventKind};
use crate::record::Names;
use crate::record::Record;
use crate::replay::{Doing, Phase, Played, Stretch, Wait, play};

/// A [`Timeline`](crate::Timeline) in the trace event format, of what was known when
/// [`chrome_trace`](crate::Timeline::chrome_trace) was called.
///
/// It is written as it is displayed, event by event. [Perfetto](https://ui.perfetto.dev) and `chrome://tracing` open it: each task
/// is a thread, on which polls, waits, and turns that others had lie side by side; resources have tracks of their own; arrows show
/// who woke whom.
///
/// By a virtual clock polls take no time: there they are as narrow as lines.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use forwith_timeline::{Lane, Timeline};
/// use std::io::{BufWriter, Write};
/// use std::time::Duration;
///
/// let timeline = Timeline::new();
/// Lane::new(&timeline, "cook", || Duration::ZERO);
/// let file = std::fs::File::create(std::env::temp_dir().join("trace.json"))?;
/// write!(BufWriter::new(file), "{}", timeline.chrome_trace())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ChromeTrace {
    record: Record,
}

impl ChromeTrace {
    pub(crate) fn new(record: Record) -> Self {
        ChromeTrace { record }
    }
}

impl fmt::Display for ChromeTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
        let mut writer = Writer::new(f);
        writer.write(&metadata("process_name", 0, &json!({"name": "forwith"})))?;
        writer.write_all(&self.record)?;
        writeln!(f, "\n]}}")
    }
}

/// Writes event by event.
struct Writer<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    is_first: bool,
    names: Names,
    wakes: Wakes,
}

impl<'a, 'f> Writer<'a, 'f> {
    fn new(out: &'a mut fmt::Formatter<'f>) -> Self {
        Writer {
            out,
            is_first: true,
            names: Names::default(),
            wakes: Wakes::default(),
        }
    }

    fn write(&mut self, event: &Value) -> fmt::Result {
        let comma = if self.is_first { "" } else { "," };
        self.is_first = false;
        write!(self.out, "{comma}\n{event}")
    }

    fn write_all(&mut self, record: &Record) -> fmt::Result {
        play(
            record,
            |_| (),
            |played| match played {
                Played::Event(event, ()) => self.write_event(event),
                Played::Stretch(stretch) => self.write_stretch(&stretch),
            },
        )
    }

    fn write_stretch(&mut self, stretch: &Stretch<()>) -> fmt::Result {
        let (name, category) = match &stretch.doing {
            Doing::Holds(holding) => {
                let name = match holding.phase {
                    Phase::Entering => format!("entering {}", holding.resource),
                    Phase::Entered => holding.resource.to_string(),
                    Phase::Exiting => format!("exiting {}", holding.resource),
                };
                return self.write_track(&name, holding.level, stretch);
            }
            Doing::Runs { yields: true } => ("runs, and yields".to_owned(), "run"),
            Doing::Runs { .. } => ("runs".to_owned(), "run"),
            Doing::Queues => ("could run".to_owned(), "queue"),
            Doing::Waits(waits) => (self.what(waits), "wait"),
        };
        if category != "run" && stretch.duration().is_zero() {
            return Ok(()); // It would lie within what begins at the same moment.
        }
        // A beginning and an end, rather than a duration: as fractions the two do not always add up to the next beginning.
        for (phase, at) in [("B", stretch.from.at), ("E", stretch.to.at)] {
            self.write(&json!({
                "ph": phase,
                "name": name,
                "cat": category,
                "pid": 1,
                "tid": thread(stretch.task),
                "ts": micros(at),
            }))?;
        }
        Ok(())
    }

    fn what(&self, waits: &[Wait]) -> String {
        let what = waits.iter().rev().filter_map(|wait| match wait {
            Wait::For { what, .. } => what.clone(),
            Wait::Task(task) => Some(self.names.of(*task)),
        });
        match what.collect::<Vec<_>>().join(", ") {
            what if what.is_empty() => "waits".to_owned(),
            what => format!("waits: {what}"),
        }
    }

    /// What may last beyond a poll: it begins and ends on a track of its own.
    fn write_track(&mut self, name: &str, level: usize, stretch: &Stretch<()>) -> fmt::Result {
        let id = format!("{}.{level}", stretch.task.number());
        for (phase, at) in [("b", stretch.from.at), ("e", stretch.to.at)] {
            self.write(&json!({
                "ph": phase,
                "name": name,
                "cat": "resource",
                "id": id,
                "pid": 1,
                "tid": thread(stretch.task),
                "ts": micros(at),
            }))?;
        }
        Ok(())
    }

    fn write_event(&mut self, event: &Event) -> fmt::Result {
        let task = event.task;
        match &event.kind {
            EventKind::Spawned { .. } => {
                self.names.see(event);
                let name = self.names.of(task);
                self.write(&metadata(
                    "thread_name",
                    thread(task),
                    &json!({"name": name}),
                ))?;
                let order = json!({"sort_index": thread(task)});
                self.write(&metadata("thread_sort_index", thread(task), &order))
            }
            EventKind::PollStarted => {
                let wake = self.wakes.poll_starts(task);
                wake.map_or(Ok(()), |wake| self.write_arrow("f", wake, event))
            }
            EventKind::PollEnded { ready } => {
                self.wakes.poll_ends(*ready, event.at);
                Ok(())
            }
            EventKind::Woken => match self.wakes.wakes(event) {
                Some((waker, wake)) => {
                    let of_waker = Event {
                        task: waker,
                        ..event.clone()
                    };
                    self.write_arrow("s", wake, &of_waker)
                }
                None => Ok(()),
            },
            EventKind::Note(text) => self.write_mark(event, text),
            EventKind::Cancelling => self.write_mark(event, "is cancelled"),
            EventKind::Cancelled => self.write_mark(event, "has ended cancelled"),
            EventKind::Aborted => self.write_mark(event, "is aborted"),
            EventKind::Panicked => self.write_mark(event, "panics"),
            EventKind::Finished => self.write_mark(event, "finishes"),
            _ => Ok(()),
        }
    }

    fn write_mark(&mut self, event: &Event, name: &str) -> fmt::Result {
        self.write(&json!({
            "ph": "i",
            "s": "t",
            "name": name,
            "pid": 1,
            "tid": thread(event.task),
            "ts": micros(event.at),
        }))
    }

    /// One end of an arrow from who wakes to who is woken.
    fn write_arrow(&mut self, phase: &str, id: u64, event: &Event) -> fmt::Result {
        let mut arrow = json!({
            "ph": phase,
            "name": "wakes",
            "cat": "wake",
            "id": id,
            "pid": 1,
            "tid": thread(event.task),
            "ts": micros(event.at),
        });
        if phase == "f" {
            arrow["bp"] = "e".into(); // It ends at the poll, not at the next one.
        }
        self.write(&arrow)
    }
}

/// Who has woken whom. On one thread, it is whoever is polled meanwhile, or has just come to its end.
#[derive(Default)]
struct Wakes {
    running: Option<TaskId>,
    ended: Option<Duration>,
    /// The wakes that have not led to a poll.
    open: BTreeMap<TaskId, u64>,
    last: u64,
}

impl Wakes {
    /// The waker, and a number for this wake.
    fn wakes(&mut self, event: &Event) -> Option<(TaskId, u64)> {
        let may_wake = self.ended.is_none_or(|ended| ended == event.at);
        let waker = self
            .running
            .filter(|waker| may_wake && *waker != event.task)?;
        self.last += 1;
        self.open.insert(event.task, self.last);
        Some((waker, self.last))
    }

    fn poll_starts(&mut self, task: TaskId) -> Option<u64> {
        (self.running, self.ended) = (Some(task), None);
        self.open.remove(&task)
    }

    /// Whoever has ended wakes those that wait for it.
    fn poll_ends(&mut self, ready: bool, at: Duration) {
        self.running = self.running.filter(|_| ready);
        self.ended = Some(at);
    }
}

/// The number of a task's thread. 0 is the idle thread of the system, for some.
fn thread(task: TaskId) -> u64 {
    task.number() + 1
}

fn metadata(name: &str, thread: u64, arguments: &Value) -> Value {
    json!({"ph": "M", "name": name, "pid": 1, "tid": thread, "args": arguments})
}

/// The unit of the format is the microsecond; fractions are allowed.
#[expect(clippy::cast_precision_loss, reason = "exact for a hundred days")]
fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}
