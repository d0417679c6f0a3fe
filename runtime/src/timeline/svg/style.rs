//! The frame of the picture, and its colours.

use std::fmt;

use super::plan::Plan;

/// Each colour is said twice rather than as a variable: not every program that shows pictures knows those.
const STYLE: &str = include_str!("style.css");

/// Hatching: what waits.
const HATCHING: &str = r#"<defs><pattern id="forwith-wait" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatching" d="M0 0V6"/></pattern></defs>"#;

pub(super) fn begin(plan: &Plan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (width, height) = (plan.width.ceil(), plan.height.ceil());
    let (forgotten, events) = plan.events;
    writeln!(
        f,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="forwith" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">"#
    )?;
    writeln!(f, "<title>Who ran when</title>")?;
    write!(f, "<desc>{} rows, {events} events", plan.rows.len())?;
    if forgotten > 0 {
        write!(f, "; {forgotten} older ones are forgotten")?;
    }
    writeln!(f, "</desc>")?;
    writeln!(f, "<style>{STYLE}</style>{HATCHING}")?;
    writeln!(
        f,
        r#"<rect class="page" width="{width}" height="{height}" rx="6"/>"#
    )
}

pub(super) fn end(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "</svg>")
}
