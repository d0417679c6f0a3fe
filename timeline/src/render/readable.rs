//! Names and durations as people read them.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Marks that stand over the letter before.
const NARROWEST: [RangeInclusive<char>; 6] = [
    '\u{300}'..='\u{36f}',
    '\u{200b}'..='\u{200f}',
    '\u{20d0}'..='\u{20ff}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{1f3fb}'..='\u{1f3ff}',
    '\u{e0100}'..='\u{e01ef}',
];
/// Scripts and pictures that take two columns; rare ones are missing.
const WIDE: [RangeInclusive<char>; 11] = [
    '\u{1100}'..='\u{115f}',
    '\u{2e80}'..='\u{a4cf}',
    '\u{ac00}'..='\u{d7a3}',
    '\u{f900}'..='\u{faff}',
    '\u{fe30}'..='\u{fe6f}',
    '\u{ff01}'..='\u{ff60}',
    '\u{ffe0}'..='\u{ffe6}',
    '\u{1f300}'..='\u{1f64f}',
    '\u{1f680}'..='\u{1f6ff}',
    '\u{1f900}'..='\u{1faff}',
    '\u{20000}'..='\u{3fffd}',
];

/// Cuts what is wider than that, keeps to one line, and lets nothing through that a terminal obeys.
pub(super) fn shortened(text: &str, widest: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    let (mut short, mut width, mut before_last) = (String::new(), 0, 0);
    for char in line.chars() {
        let char = if is_unprintable(char) { '·' } else { char };
        width += columns_of(char);
        if width > widest {
            break;
        }
        short.push(char);
        if width < widest {
            before_last = short.len();
        }
    }
    if width > widest || line.len() < text.len() {
        short.truncate(before_last);
        short.push('…');
    }
    short
}

/// What a terminal obeys, may not stand in XML, or turns the text around.
pub(super) fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{fffe}' | '\u{ffff}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How many columns of a terminal a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

fn columns_of(char: char) -> usize {
    let is_in = |ranges: &[RangeInclusive<char>]| ranges.iter().any(|range| range.contains(&char));
    match char {
        '\0'..='\u{2ff}' => 1,
        _ if is_in(&NARROWEST) => 0,
        _ if is_in(&WIDE) => 2,
        _ => 1,
    }
}

/// Fills it up with spaces to so many columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(columns(text));
    format!("{text}{:missing$}", "")
}

/// Writes a duration in seconds as people do: `3`, `0.25`.
///
/// ```
/// use forwith_timeline::in_seconds;
/// use std::time::Duration;
///
/// assert_eq!(in_seconds(Duration::from_millis(250)), "0.25");
/// assert_eq!(in_seconds(Duration::from_secs(10)), "10");
/// ```
#[must_use]
pub fn in_seconds(duration: Duration) -> String {
    let digits = format!("{}.{:09}", duration.as_secs(), duration.subsec_nanos());
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// How long a wait will take, from now on. `None` if it never ends.
pub(super) fn time_left(until: Duration, now: Duration) -> Option<Duration> {
    (until != Duration::MAX).then(|| until.saturating_sub(now))
}

/// In the unit that fits, with three digits: more than that nobody sees.
pub(super) fn short_duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let (value, unit) = match duration.as_nanos() {
        0 | 1_000_000_000.. => (seconds, "s"),
        1_000_000.. => (seconds * 1e3, "ms"),
        1_000.. => (seconds * 1e6, "µs"),
        _ => (seconds * 1e9, "ns"),
    };
    let digits = match value {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    let value = format!("{value:.digits$}");
    let value = match value.split_once('.') {
        Some(_) => value.trim_end_matches('0').trim_end_matches('.'),
        None => &value,
    };
    format!("{value} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_the_columns_they_have() {
        assert_eq!(shortened("cow", 3), "cow");
        assert_eq!(shortened("cows", 3), "co…");
        assert_eq!(shortened("c\now", 3), "c…");
        assert_eq!(shortened("cow\n", 3), "co…");
        assert_eq!(shortened("漢字漢字", 8), "漢字漢字");
        assert_eq!(shortened("漢字漢字", 7), "漢字漢…");
        assert_eq!(shortened("漢字漢字", 6), "漢字…");
        assert_eq!(shortened("\u{202e}\u{1b}", 3), "··");
        assert_eq!(padded("漢e\u{301}", 5), "漢e\u{301}  ");
    }

    #[test]
    fn durations_are_short() {
        let short = |nanos| short_duration(Duration::from_nanos(nanos));
        assert_eq!(short(0), "0 s");
        assert_eq!(short(7), "7 ns");
        assert_eq!(short(1_500), "1.5 µs");
        assert_eq!(short(25_124_408), "25.1 ms");
        assert_eq!(short(1_230_000_000), "1.23 s");
        assert_eq!(short(3_600_000_000_000), "3600 s");
    }
}
