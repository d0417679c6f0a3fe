//! The rows: what each task does, holds and says.

use std::fmt;
use std::time::Duration;

use super::axis::Cursor;
use super::marks::{self, Mark};
use super::plan::{BAR, LEVEL, Plan, Row, TITLE_SIZE};
use super::shapes::Rect;
use super::words::{Escaped, LONGEST_TITLE, fit};
use crate::event::{Event, EventKind};
use crate::record::Record;
use crate::render::readable::{remaining, short_duration, shortened};
use crate::replay::{Doing, Holding, Phase, Replayed, Stretch, Wait, play};

/// Stretches that are narrower are drawn together with their neighbours.
const NARROW: f64 = 2.0;
/// The highest width of such a group.
const GROUP: f64 = 5.0;
const WHAT_SIZE: f64 = 10.0;

pub(super) fn draw(record: &Record, plan: &Plan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut canvas = Canvas {
        plan,
        rows: plan.rows.iter().map(|_| Pending::default()).collect(),
        out: f,
    };
    canvas.draw_names()?;
    let mut cursor = Cursor::new(plan);
    play(
        record,
        |event| cursor.pass(event),
        |played| match played {
            Replayed::Event(event, x) => canvas.draw_event(event, x),
            Replayed::Stretch(stretch) => canvas.draw_stretch(&stretch),
        },
    )?;
    canvas.finish()
}

struct Canvas<'a, 'f> {
    plan: &'a Plan,
    rows: Vec<Pending>,
    out: &'a mut fmt::Formatter<'f>,
}

/// What is not drawn yet in a row.
#[derive(Default)]
struct Pending {
    group: Option<Group>,
    mark: Option<Mark>,
    /// The right end of what is drawn on each level of resources.
    held: Vec<f64>,
}

/// Stretches that are too narrow to be told apart.
struct Group {
    from: f64,
    to: f64,
    /// The number of pixels in which a task runs.
    running: f64,
    polls: usize,
}

impl Canvas<'_, '_> {
    fn draw_names(&mut self) -> fmt::Result {
        for row in &self.plan.rows {
            let (y, middle) = (row.bar + BAR / 2.0 + TITLE_SIZE * 0.36, row.bar + BAR / 2.0);
            let (title, left, right) = (Escaped(&row.title), self.plan.left, self.plan.right);
            write!(
                self.out,
                r#"<text class="name" x="12" y="{y:.1}">{title}</text>"#
            )?;
            writeln!(
                self.out,
                r#"<path class="line" d="M{left:.1} {middle:.1}H{right:.1}"/>"#
            )?;
        }
        Ok(())
    }

    fn draw_stretch(&mut self, stretch: &Stretch<f64>) -> fmt::Result {
        let at = self.plan.row_of(stretch.task);
        let row = &self.plan.rows[at];
        if let Doing::Holds(holding) = &stretch.doing {
            return self.draw_holding(at, holding, stretch);
        }
        let (from, to) = (stretch.from.place, stretch.to.place);
        if row.is_shared || to - from < NARROW {
            return self.add_to_group(at, stretch);
        }
        self.draw_group(at)?;
        self.draw_bar(row, stretch)
    }

    fn draw_bar(&mut self, row: &Row, stretch: &Stretch<f64>) -> fmt::Result {
        let (from, to) = (stretch.from.place, stretch.to.place);
        let (class, inset) = match stretch.doing {
            Doing::Runs { .. } => ("run", 0.0),
            Doing::Queues => ("queue", 4.0),
            _ => ("wait", 1.0),
        };
        let bar = Rect {
            class,
            x: from,
            y: row.bar + inset,
            width: to - from,
            height: BAR - 2.0 * inset,
        };
        let title = self.title_of(stretch);
        bar.draw_titled(format_args!("{title}"), self.out)?;
        match &stretch.doing {
            Doing::Waits(waits) => self.draw_what(row, stretch, waits),
            Doing::Runs { yields: true } => {
                let sign = Rect {
                    class: "yield",
                    x: to - 1.0,
                    y: row.bar - 2.0,
                    width: 2.0,
                    height: BAR + 4.0,
                };
                sign.draw(self.out)
            }
            _ => Ok(()),
        }
    }

    /// Writes into a bar what is waited for.
    fn draw_what(&mut self, row: &Row, stretch: &Stretch<f64>, waits: &[Wait]) -> fmt::Result {
        let (from, to) = (stretch.from.place, stretch.to.place);
        let what = self.what(stretch.from.at, waits);
        let Some(what) = fit(&what, WHAT_SIZE, to - from - 8.0) else {
            return Ok(());
        };
        writeln!(
            self.out,
            r#"<text class="what" x="{:.1}" y="{:.1}">{}</text>"#,
            from + 4.0,
            row.bar + BAR / 2.0 + WHAT_SIZE * 0.36,
            Escaped(&what)
        )
    }

    /// What is waited for, or else how long.
    fn what(&self, since: Duration, waits: &[Wait]) -> String {
        // The latest wait comes first: it says most. A time limit, for one, is asked for early.
        let what = waits.iter().rev().map(|wait| match wait {
            Wait::Task(task) => self.plan.name_of(*task).into_owned(),
            Wait::For {
                what: Some(what), ..
            } => what.clone().into_owned(),
            Wait::For { until, .. } => {
                let time = until.map(|until| remaining(until, since));
                time.map(|time| time.map_or("for ever".to_owned(), short_duration))
                    .unwrap_or_default()
            }
        });
        what.collect::<Vec<_>>().join(", ")
    }

    /// What the mouse shows, escaped.
    fn title_of(&self, stretch: &Stretch<f64>) -> String {
        let doing = match &stretch.doing {
            Doing::Runs { yields: false } => "runs".to_owned(),
            Doing::Runs { yields: true } => "runs, and yields".to_owned(),
            Doing::Queues => "could run, but others do".to_owned(),
            Doing::Waits(waits) => {
                let what = self.what(stretch.from.at, waits);
                format!("waits: {what}")
            }
            Doing::Holds(holding) => match holding.phase {
                Phase::Entering => format!("enters {}", holding.resource),
                Phase::Entered => format!("has {}", holding.resource),
                Phase::Exiting => format!("exits {}", holding.resource),
            },
        };
        let name = self.plan.name_of(stretch.task);
        let [name, doing] = [&name, &*doing].map(|text| shortened(text, LONGEST_TITLE));
        let (at, duration) = (
            short_duration(stretch.from.at),
            short_duration(stretch.duration()),
        );
        let (name, doing) = (Escaped(&name), Escaped(&doing));
        format!("{name} {doing}\nat {at}, for {duration}")
    }

    fn add_to_group(&mut self, at: usize, stretch: &Stretch<f64>) -> fmt::Result {
        let (from, to) = (stretch.from.place, stretch.to.place);
        let is_shared = self.plan.rows[at].is_shared;
        let runs = matches!(stretch.doing, Doing::Runs { .. });
        if is_shared && !runs {
            return Ok(());
        }
        let group = self.rows[at].group.as_ref();
        if group.is_some_and(|group| from > group.to + 1.0 || to > group.from + GROUP) {
            self.draw_group(at)?;
        }
        let group = self.rows[at].group.get_or_insert(Group {
            from,
            to,
            running: 0.0,
            polls: 0,
        });
        group.to = group.to.max(to);
        if runs {
            group.running += to - from;
            group.polls += 1;
        }
        Ok(())
    }

    /// Draws a group as one bar, the higher the longer a task runs in it.
    fn draw_group(&mut self, at: usize) -> fmt::Result {
        let Some(group) = self.rows[at].group.take() else {
            return Ok(());
        };
        if group.polls == 0 {
            return Ok(());
        }
        let bar = self.plan.rows[at].bar;
        let width = (group.to - group.from).max(1.0);
        let height = (BAR * group.running / width).clamp(3.0, BAR);
        let polls = group.polls;
        let bar = Rect {
            class: "run",
            x: group.from,
            y: bar + (BAR - height) / 2.0,
            width,
            height,
        };
        bar.draw_titled(format_args!("{polls} polls"), self.out)
    }

    fn draw_holding(
        &mut self,
        at: usize,
        holding: &Holding,
        stretch: &Stretch<f64>,
    ) -> fmt::Result {
        let (row, level) = (&self.plan.rows[at], holding.level);
        let (from, to) = (stretch.from.place, stretch.to.place);
        let drawn = &mut self.rows[at].held;
        drawn.resize(drawn.len().max(level + 1), 0.0);
        if level >= row.levels || (to - from < NARROW && from < drawn[level] + NARROW) {
            return Ok(());
        }
        drawn[level] = to;
        let class = match holding.phase {
            Phase::Entered => "held",
            Phase::Entering | Phase::Exiting => "passing",
        };
        #[expect(clippy::cast_precision_loss, reason = "there are a few levels")]
        let y = row.bar + BAR + 3.0 + level as f64 * LEVEL;
        let bar = Rect {
            class,
            x: from,
            y,
            width: (to - from).max(1.0),
            height: LEVEL - 3.0,
        };
        let title = self.title_of(stretch);
        bar.draw_titled(format_args!("{title}"), self.out)?;
        let name = fit(&holding.resource, WHAT_SIZE, to - from - 4.0);
        match name.filter(|_| holding.phase == Phase::Entered) {
            Some(name) => writeln!(
                self.out,
                r#"<text class="resource" x="{:.1}" y="{:.1}">{}</text>"#,
                from + 4.0,
                y + 9.0,
                Escaped(&name)
            ),
            None => Ok(()),
        }
    }

    /// Draws an event without a duration.
    fn draw_event(&mut self, event: &Event, x: f64) -> fmt::Result {
        let at = self.plan.row_of(event.task);
        let row = &self.plan.rows[at];
        if row.is_shared {
            return Ok(());
        }
        match &event.kind {
            EventKind::Note(text) => self.mark(at, Mark::note(x, text)),
            EventKind::Cancelling => self.mark(at, Mark::cancel(x)),
            kind if kind.is_end() => {
                self.draw_group(at)?;
                marks::draw_end(row, kind, x, self.plan.right, self.out)
            }
            _ => Ok(()),
        }
    }

    /// Keeps a mark, and draws the one before: the room for its text is known now.
    fn mark(&mut self, at: usize, mark: Mark) -> fmt::Result {
        let before = self.rows[at].mark.take();
        let mark = match before {
            Some(before) if before.is_hidden_by(&mark) => before.with(mark),
            Some(before) => {
                before.draw(&self.plan.rows[at], mark.x, self.out)?;
                mark
            }
            None => mark,
        };
        self.rows[at].mark = Some(mark);
        Ok(())
    }

    fn finish(mut self) -> fmt::Result {
        for at in 0..self.rows.len() {
            self.draw_group(at)?;
            if let Some(mark) = self.rows[at].mark.take() {
                mark.draw(&self.plan.rows[at], self.plan.right + 8.0, self.out)?;
            }
        }
        Ok(())
    }
}
