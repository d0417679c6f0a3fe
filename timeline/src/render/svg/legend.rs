//! The meaning of the signs that occur.

use std::fmt;

use super::plan::{Plan, Sign, Signs};
use super::words::width_of;

const SIZE: f64 = 11.0;
const LINE: f64 = 18.0;
/// The width of a sign, and the space behind its meaning.
const SAMPLE: f64 = 24.0;
const GAP: f64 = 14.0;
const MARGIN: f64 = 12.0;

fn meaning(sign: Sign) -> &'static str {
    match sign {
        Sign::Run => "runs",
        Sign::Wait => "waits",
        Sign::Queue => "could run, but others do",
        Sign::Hold => "enters, has, exits",
        Sign::Yield => "yields",
        Sign::Note => "says",
        Sign::Cancel => "is cancelled",
        Sign::End => "ends",
        Sign::Panic => "panics",
    }
}

/// The place of each sign.
fn places(shown: &Signs, width: f64) -> impl Iterator<Item = (Sign, f64, f64)> {
    let (mut x, mut y) = (MARGIN, MARGIN);
    shown.iter().map(move |&sign| {
        let needed = SAMPLE + width_of(meaning(sign), SIZE) + GAP;
        if x > MARGIN && x + needed - GAP > width - MARGIN {
            (x, y) = (MARGIN, y + LINE);
        }
        let place = (sign, x, y);
        x += needed;
        place
    })
}

/// The height of the legend.
pub(super) fn height(shown: &Signs, width: f64) -> f64 {
    places(shown, width)
        .last()
        .map_or(0.0, |(_, _, y)| y - MARGIN + LINE)
}

pub(super) fn draw(plan: &Plan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (sign, x, y) in places(&plan.shown, plan.width) {
        let (sample, meaning) = (sample(sign), meaning(sign));
        write!(f, r#"<g transform="translate({x:.1} {y:.1})">{sample}"#)?;
        writeln!(
            f,
            r#"<text class="key" x="{SAMPLE}" y="10">{meaning}</text></g>"#
        )?;
    }
    Ok(())
}

fn sample(sign: Sign) -> &'static str {
    match sign {
        Sign::Run => r#"<rect class="run" width="18" height="12"/>"#,
        Sign::Wait => r#"<rect class="wait" x=".5" y=".5" width="17" height="11"/>"#,
        Sign::Queue => r#"<rect class="queue" width="18" height="12"/>"#,
        Sign::Hold => concat!(
            r#"<rect class="passing" y="1" width="5" height="10"/>"#,
            r#"<rect class="held" x="5" y="1" width="8" height="10"/>"#,
            r#"<rect class="passing" x="13" y="1" width="5" height="10"/>"#,
        ),
        Sign::Yield => concat!(
            r#"<rect class="run" y="2" width="8" height="8"/>"#,
            r#"<rect class="yield" x="8" width="2.5" height="12"/>"#,
        ),
        Sign::Note => r#"<circle class="note" cx="9" cy="6" r="3"/>"#,
        Sign::Cancel => r#"<path class="cancel" d="M5.5 2.5l7 7m0-7l-7 7"/>"#,
        Sign::End => concat!(
            r#"<rect class="run" y="2" width="8" height="8"/>"#,
            r#"<rect class="end" x="8" width="3" height="12"/>"#,
        ),
        Sign::Panic => concat!(
            r#"<rect class="run" y="2" width="8" height="8"/>"#,
            r#"<rect class="bad" x="8" width="3" height="12"/>"#,
        ),
    }
}
