//! The axis of time: the place of each event, and what is drawn behind the rows.
//!
//! The axis is not to scale. Each poll gets a width of its own, or else a hundred polls at one
//! instant of a virtual clock would be one line. A band shows where time stands still.

use std::fmt;
use std::time::Duration;

use super::plan::{Plan, Scale};
use super::shapes::Rect;
use super::words::width_of;
use crate::event::Event;
use crate::record::Record;

/// The distance of two figures, where the axis is to scale.
const APART: f64 = 64.0;
const GAP: f64 = 16.0;
const SIZE: f64 = 11.0;
/// The lowest width of a band.
const BAND: f64 = 6.0;

/// A place on the axis, which moves from event to event.
pub(super) struct Cursor {
    scale: Scale,
    at: Duration,
    pub(super) x: f64,
}

impl Cursor {
    pub(super) fn new(plan: &Plan) -> Self {
        Cursor {
            scale: plan.scale,
            at: plan.scale.begin,
            x: plan.left,
        }
    }

    /// Moves to the time of this event.
    fn pass_time(&mut self, event: &Event) {
        let passed = event.at.saturating_sub(self.at);
        self.at += passed;
        self.x += self.scale.width_of(passed);
    }

    /// Moves to this event, behind the width that it gets.
    pub(super) fn pass(&mut self, event: &Event) -> f64 {
        self.pass_time(event);
        self.x += self.scale.width_of_event(&event.kind);
        self.x
    }
}

/// Draws the lines and figures of the axis, and the bands where time stands still.
pub(super) fn draw(record: &Record, plan: &Plan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut cursor = Cursor::new(plan);
    let mut ticks = Ticks::new(plan);
    if plan.rows.is_empty() {
        return writeln!(
            f,
            r#"<text class="key" x="12" y="{:.1}">Nothing has been recorded.</text>"#,
            plan.axis
        );
    }
    ticks.pass(cursor.x, cursor.at, f)?;
    let mut band = (plan.left, plan.left);
    for event in record.events() {
        let (before, x) = (cursor.at, cursor.x);
        cursor.pass_time(event);
        if cursor.at > before {
            draw_band(band, plan, f)?;
            ticks.pass(x, cursor.at, f)?;
            band.0 = cursor.x;
        }
        cursor.pass(event);
        band.1 = cursor.x;
    }
    draw_band(band, plan, f)
}

fn draw_band((from, to): (f64, f64), plan: &Plan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if to - from < BAND || !plan.scale.stands_still {
        return Ok(());
    }
    let band = Rect {
        class: "still",
        x: from,
        y: plan.axis,
        width: to - from,
        height: plan.height - plan.axis,
    };
    band.draw(f)
}

/// The lines at round times.
struct Ticks<'a> {
    plan: &'a Plan,
    unit: Unit,
    step: Duration,
    /// The time of the next line.
    next: Duration,
    /// The right end of the figures.
    figures: f64,
    at: Duration,
}

impl<'a> Ticks<'a> {
    fn new(plan: &'a Plan) -> Self {
        let begin = plan.scale.begin;
        let step = step(plan.end.saturating_sub(begin), plan.right - plan.left);
        let steps = begin.as_nanos().div_ceil(step.as_nanos());
        Ticks {
            plan,
            unit: Unit::of(plan.end),
            step,
            next: times(step, steps),
            figures: 0.0,
            at: begin,
        }
    }

    /// Draws the lines up to this time. From `x` on the axis is to scale.
    fn pass(&mut self, x: f64, to: Duration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        while self.next <= to {
            let passed = self.next.saturating_sub(self.at);
            self.draw(x + self.plan.scale.width_of(passed), f)?;
            let Some(next) = self.next.checked_add(self.step) else {
                break;
            };
            self.next = next;
        }
        self.at = to;
        Ok(())
    }

    fn draw(&mut self, x: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (top, bottom) = (self.plan.axis, self.plan.height);
        let figure = self.unit.show(self.next, self.step);
        let half = width_of(&figure, SIZE) / 2.0;
        if x - half < self.figures || x + half > self.plan.width {
            return Ok(());
        }
        self.figures = x + half + GAP;
        let y = top - 5.0;
        write!(
            f,
            r#"<path class="grid" d="M{x:.1} {top:.1}V{bottom:.1}"/>"#
        )?;
        writeln!(
            f,
            r#"<text class="time" x="{x:.1}" y="{y:.1}">{figure}</text>"#
        )
    }
}

fn times(step: Duration, count: u128) -> Duration {
    from_nanos(step.as_nanos().saturating_mul(count))
}

/// Unlike [`Duration::from_nanos`], this reaches further than six centuries.
fn from_nanos(nanoseconds: u128) -> Duration {
    let seconds = u64::try_from(nanoseconds / 1_000_000_000);
    let rest = u64::try_from(nanoseconds % 1_000_000_000).unwrap_or_default();
    seconds.map_or(Duration::MAX, |seconds| {
        Duration::from_secs(seconds).saturating_add(Duration::from_nanos(rest))
    })
}

/// The distance of two lines: the smallest of 1, 2 and 5 times a power of ten that leaves room for
/// the figures.
fn step(time: Duration, width: f64) -> Duration {
    let wanted = time.as_secs_f64() * APART / width * 1e9;
    let mut power = 1_u128;
    loop {
        for digit in [1, 2, 5] {
            let step = power * digit;
            #[expect(clippy::cast_precision_loss, reason = "a round number")]
            if step as f64 >= wanted {
                return from_nanos(step);
            }
        }
        power *= 10;
    }
}

/// The unit of the figures.
struct Unit {
    name: &'static str,
    nanoseconds: f64,
}

impl Unit {
    fn of(end: Duration) -> Self {
        let (name, nanoseconds) = match end.as_nanos() {
            0 | 1_000_000_000.. => ("s", 1e9),
            1_000_000.. => ("ms", 1e6),
            1_000.. => ("µs", 1e3),
            _ => ("ns", 1.0),
        };
        Unit { name, nanoseconds }
    }

    /// Writes a time, with as many digits as the steps need.
    fn show(&self, time: Duration, step: Duration) -> String {
        if time.is_zero() {
            return format!("0 {}", self.name);
        }
        let steps = step.as_secs_f64() * 1e9 / self.nanoseconds;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few digits"
        )]
        let digits = (-steps.log10().floor()).max(0.0) as usize;
        let value = time.as_secs_f64() * 1e9 / self.nanoseconds;
        format!("{value:.digits$} {}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        let step = |millis| step(Duration::from_millis(millis), 640.0).as_micros();
        assert_eq!(step(1_000), 100_000);
        assert_eq!(step(1_001), 200_000);
        assert_eq!(step(2_001), 500_000);
        assert_eq!(super::step(Duration::ZERO, 640.0), Duration::from_nanos(1));
        assert!(super::step(Duration::MAX, 640.0) > Duration::from_secs(1_000_000_000));
    }

    #[test]
    fn figures_have_the_digits_they_need() {
        let show = |end, at, step| {
            let [end, at, step] = [end, at, step].map(Duration::from_micros);
            Unit::of(end).show(at, step)
        };
        assert_eq!(show(2_000_000, 1_250_000, 50_000), "1.25 s");
        assert_eq!(show(20_000_000, 12_000_000, 2_000_000), "12 s");
        assert_eq!(show(2_000, 1_500, 500), "1.5 ms");
        assert_eq!(show(20, 15, 5), "15 µs");
    }
}
