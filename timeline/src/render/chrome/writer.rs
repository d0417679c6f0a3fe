//! The events of the format, one a line.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::wakes::Wakes;
use crate::event::{Event, EventKind, TaskId};
use crate::record::{Names, Record};
use crate::replay::{Doing, Phase, Replayed, Stretch, Wait, play};

/// Writes a trace, event by event.
pub(super) struct Writer<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    is_first: bool,
    names: Names,
    wakes: Wakes,
}

impl<'a, 'f> Writer<'a, 'f> {
    pub(super) fn new(out: &'a mut fmt::Formatter<'f>) -> Self {
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

    pub(super) fn write_all(&mut self, record: &Record) -> fmt::Result {
        let name = json!({"name": "forwith"});
        self.write(&metadata("process_name", 0, &name))?;
        play(
            record,
            |_| (),
            |played| match played {
                Replayed::Event(event, ()) => self.write_event(event),
                Replayed::Stretch(stretch) => self.write_stretch(&stretch),
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
            return Ok(()); // It would lie within the slice that begins at the same moment.
        }
        // A beginning and an end: as floating-point numbers, a beginning and a duration do not
        // always add up to the next beginning.
        for (phase, at) in [("B", stretch.from.at), ("E", stretch.to.at)] {
            let mut slice = object(phase, &name, stretch.task, at);
            slice["cat"] = category.into();
            self.write(&slice)?;
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

    /// Writes a stretch that may last beyond a poll, on a track of its own.
    fn write_track(&mut self, name: &str, level: usize, stretch: &Stretch<()>) -> fmt::Result {
        let id = format!("{}.{level}", stretch.task.number());
        for (phase, at) in [("b", stretch.from.at), ("e", stretch.to.at)] {
            let mut end = object(phase, name, stretch.task, at);
            end["cat"] = "resource".into();
            end["id"] = id.as_str().into();
            self.write(&end)?;
        }
        Ok(())
    }

    fn write_event(&mut self, event: &Event) -> fmt::Result {
        let task = event.task;
        match &event.kind {
            EventKind::Spawned { .. } => {
                self.names.see(event);
                let name = self.names.of(task);
                let arguments = json!({"name": name});
                self.write(&metadata("thread_name", thread(task), &arguments))?;
                let arguments = json!({"sort_index": thread(task)});
                self.write(&metadata("thread_sort_index", thread(task), &arguments))
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
        let mut mark = object("i", name, event.task, event.at);
        mark["s"] = "t".into();
        self.write(&mark)
    }

    /// Writes one end of an arrow from a waker to the task that it wakes.
    fn write_arrow(&mut self, phase: &str, id: u64, event: &Event) -> fmt::Result {
        let mut arrow = object(phase, "wakes", event.task, event.at);
        arrow["cat"] = "wake".into();
        arrow["id"] = id.into();
        if phase == "f" {
            arrow["bp"] = "e".into(); // It ends at this poll, not at the next.
        }
        self.write(&arrow)
    }
}

/// The number of a task's thread. Some viewers take 0 for the idle thread of the system.
fn thread(task: TaskId) -> u64 {
    task.number() + 1
}

fn metadata(name: &str, thread: u64, arguments: &Value) -> Value {
    json!({"ph": "M", "name": name, "pid": 1, "tid": thread, "args": arguments})
}

/// An event of the format, with the fields that all have but metadata.
fn object(phase: &str, name: &str, task: TaskId, at: Duration) -> Value {
    json!({"ph": phase, "name": name, "pid": 1, "tid": thread(task), "ts": micros(at)})
}

/// The unit of the format is the microsecond; fractions are allowed.
#[expect(clippy::cast_precision_loss, reason = "exact for a hundred days")]
fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let name = "a\"b c\\d\ne\u{1b}f\u{7f}ü";
        let event = object("i", name, TaskId::MAIN, Duration::ZERO);
        let expected = "\"name\":\"a\\\"b c\\\\d\\ne\\u001bf\u{7f}ü\"";
        assert!(event.to_string().contains(expected), "{event}");
    }

    #[test]
    fn times_are_exact() {
        let micros = |nanos| json!({"ts": micros(Duration::from_nanos(nanos))}).to_string();
        assert_eq!(micros(0), "{\"ts\":0.0}");
        assert_eq!(micros(1_002_003), "{\"ts\":1002.003}");
        assert_eq!(micros(2_000), "{\"ts\":2.0}");
    }

    #[test]
    fn objects_have_fields_and_objects() {
        let metadata = metadata("x", 2, &json!({"n": 3}));
        let expected = r#"{"args":{"n":3},"name":"x","ph":"M","pid":1,"tid":2}"#;
        assert_eq!(metadata.to_string(), expected);
    }
}
