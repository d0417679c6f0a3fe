//! The picture: a panel for each kind of work, and in it a bar for each executor, the quickest
//! first.

use std::fmt;

use forwith_bench::work::{WORK, Work};

use crate::executors::FLOOR;
use crate::stats::ratio;
use crate::table::{OURS, Table};

/// The width of a README's page.
const WIDTH: usize = 830;
const COLUMN: usize = 415;
const MARGIN: usize = 14;
/// The left end of the bars, and the length of the longest.
const NAMES: usize = 138;
const BAR: f64 = 200.0;
const LINE: usize = 17;
const HEAD: usize = 40;

const KEY: &str = "Times over the best peer, medians; bytes likewise. Short is good. \
    Blue: forwith-runtime. Green: the floor.";

pub struct Chart<'a>(pub &'a Table);

impl fmt::Display for Chart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let panels: Vec<_> = WORK
            .iter()
            .filter_map(|work| Panel::new(self.0, work))
            .collect();
        let (placed, height) = place(&panels);
        write!(
            f,
            r#"<svg class="bench" xmlns="http://www.w3.org/2000/svg"
 width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">
<title>forwith-runtime beside its peers</title>
<style>{}</style>
<rect class="page" width="{WIDTH}" height="{height}"/>
<text class="key" x="{MARGIN}" y="22">{KEY}</text>
"#,
            include_str!("style.css")
        )?;
        for (panel, (x, y)) in panels.iter().zip(placed) {
            panel.draw(x, y, f)?;
        }
        writeln!(f, "</svg>")
    }
}

/// Puts each panel below the shorter column, and gives the height of the picture.
fn place(panels: &[Panel]) -> (Vec<(usize, usize)>, usize) {
    let mut columns = [HEAD; 2];
    let place = |panel: &Panel| {
        let column = usize::from(columns[1] < columns[0]);
        let y = columns[column];
        columns[column] += panel.height();
        (MARGIN + column * COLUMN, y)
    };
    let placed = panels.iter().map(place).collect();
    (placed, columns[0].max(columns[1]))
}

struct Panel<'a> {
    work: &'a Work,
    base: f64,
    bars: Vec<(&'a str, f64)>,
}

impl<'a> Panel<'a> {
    /// Leaves Python out: its bars are so long that the others could not be told apart.
    fn new(table: &'a Table, work: &'a Work) -> Option<Self> {
        let shown = table
            .peers()
            .filter(|peer| !["asyncio", "uvloop"].contains(peer));
        let with_value = |peer| Some((peer, table.get(peer, work.name)?));
        let mut bars: Vec<_> = shown.filter_map(with_value).collect();
        bars.sort_by(|a, b| a.1.total_cmp(&b.1));
        let base = table.best_peer(work.name)?;
        Some(Panel { work, base, bars })
    }

    fn height(&self) -> usize {
        (self.bars.len() + 3) * LINE
    }

    fn draw(&self, x: usize, y: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Work { name, what, .. } = self.work;
        let what = what.replace('`', "");
        writeln!(
            f,
            r#"<text class="name" x="{x}" y="{}">{name}</text>"#,
            y + 12
        )?;
        writeln!(
            f,
            r#"<text class="key" x="{x}" y="{}">{what}</text>"#,
            y + 27
        )?;
        let longest = self.bars.last().map_or(1.0, |bar| bar.1);
        for (line, (peer, value)) in self.bars.iter().enumerate() {
            let y = y + 2 * LINE + line * LINE;
            let width = (BAR * value / longest).max(1.0);
            let class = class(peer);
            let bar = x + NAMES;
            #[expect(clippy::cast_precision_loss, reason = "pictures are small")]
            let end = bar as f64 + width + 5.0;
            let base = y + 12;
            writeln!(
                f,
                r#"<text class="peer {class}" x="{}" y="{base}">{peer}</text>
<rect class="bar {class}" x="{bar}" y="{}" width="{width:.1}" height="11"/>
<text class="times" x="{end:.1}" y="{base}">{}</text>"#,
                bar - 6,
                y + 3,
                ratio(*value, self.base)
            )?;
        }
        Ok(())
    }
}

fn class(peer: &str) -> &'static str {
    match peer {
        OURS => "ours",
        FLOOR => "floor",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::default();
        for (peer, nanoseconds) in [
            (OURS, 30.0),
            ("tokio", 20.0),
            (FLOOR, 5.0),
            ("asyncio", 900.0),
        ] {
            table.put(peer, "gather", nanoseconds);
        }
        table
    }

    #[test]
    fn quickest_come_first_with_ratios_to_best_peer() {
        let svg = Chart(&table()).to_string();
        let at = |text: &str| svg.find(text).unwrap_or_else(|| panic!("{text} in {svg}"));
        assert!(at(">the floor<") < at(">tokio<") && at(">tokio<") < at(">forwith-runtime<"));
        assert!(
            svg.contains(">0.25</text>")
                && svg.contains(">1.0</text>")
                && svg.contains(">1.5</text>")
        );
        assert!(!svg.contains("asyncio"));
    }

    #[test]
    fn work_that_was_not_done_has_no_panel() {
        let svg = Chart(&table()).to_string();
        assert_eq!(svg.matches(r#"class="name""#).count(), 1);
    }
}
