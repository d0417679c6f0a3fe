//! Tables of text, and what stands in them.

use std::time::Duration;

/// Prints a line of a table: a name, and a value for each column.
pub fn line(name: &str, values: impl IntoIterator<Item = String>) {
    print!("{name:44}");
    for value in values {
        print!("{value:>12}");
    }
    println!();
}

/// Gives the value below which so many of a hundred lie. Zero, if there is none.
#[must_use]
pub fn percentile(mut all: Vec<Duration>, percent: usize) -> Duration {
    all.sort_unstable();
    let last = all.len().saturating_sub(1);
    all.get(last * percent / 100).copied().unwrap_or_default()
}

/// Gives the median: of an even number of values, the middle between the two in the middle.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    f64::midpoint(all[(all.len() - 1) / 2], all[all.len() / 2])
}

/// Writes milliseconds.
#[must_use]
pub fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
