//! Names and durations, written for people.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Marks that take no column, such as accents.
const NARROWEST: [RangeInclusive<char>; 6] = [
    '\u{300}'..='\u{36f}',
    '\u{200b}'..='\u{200f}',
    '\u{20d0}'..='\u{20ff}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{1f3fb}'..='\u{1f3ff}',
    '\u{e0100}'..='\u{e01ef}',
];
/// Scripts and pictures that take two columns. Rare ones are missing.
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

/// Shortens a text to one line of at most `widest` columns, without control characters.
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

/// Whether a character controls a terminal, is forbidden in XML, or turns the direction of text.
pub(super) fn is_unprintable(char: char) -> bool {
    let is_forbidden = matches!(char, '\u{fffe}' | '\u{ffff}');
    let turns_text = matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    char.is_control() || is_forbidden || turns_text
}

/// The number of columns of a terminal that a text takes.
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

/// Fills a text up with spaces to so many columns.
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

/// The time that remains of a wait. `None` if it never ends.
pub(super) fn remaining(until: Duration, now: Duration) -> Option<Duration> {
    (until != Duration::MAX).then(|| until.saturating_sub(now))
}

/// Writes a duration in the unit that fits, with three digits.
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
    fn texts_are_cut_to_their_columns() {
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
