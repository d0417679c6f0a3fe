//! Names and durations as people read them.

use std::time::Duration;

/// Cuts what is wider than that, keeps to one line, and lets nothing through that a terminal obeys.
pub(super) fn shortened(text: &str, widest: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    let shown = line
        .chars()
        .map(|char| if char.is_control() { '·' } else { char });
    if line.chars().count() <= widest && line.len() == text.len() {
        return shown.collect();
    }
    let mut short: String = shown.take(widest - 1).collect();
    short.push('…');
    short
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
