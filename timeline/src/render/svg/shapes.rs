//! Shapes that are drawn in several places.

use std::fmt;

/// A rectangle that closes itself, or the beginning of one that has a title.
pub(super) struct Rect<'a> {
    pub(super) class: &'a str,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect<'_> {
    /// Writes a rectangle without a title.
    pub(super) fn draw(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.begin(f)?;
        writeln!(f, "/>")
    }

    /// Writes a rectangle with a title that the mouse shows. The title must be escaped.
    pub(super) fn draw_titled(
        &self,
        title: fmt::Arguments<'_>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        self.begin(f)?;
        writeln!(f, "><title>{title}</title></rect>")
    }

    fn begin(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rect {
            class,
            x,
            y,
            width,
            height,
        } = self;
        write!(f, r#"<rect class="{class}" x="{x:.1}" y="{y:.1}""#)?;
        write!(f, r#" width="{width:.1}" height="{height:.1}""#)
    }
}
