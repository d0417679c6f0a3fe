//! Texts for the screen.

use std::time::Duration;

/// How much is shown of what was typed.
const WIDEST: usize = 30;

/// Quotes what was typed: shortened if it is long, and without control characters.
pub fn quoted(typed: &str) -> String {
    format!("`{}`", shown(typed, WIDEST))
}

/// A line of at most `widest` characters.
pub fn shown(text: &str, widest: usize) -> String {
    let mut shown: String = text.chars().take(widest).map(harmless).collect();
    if text.chars().nth(widest).is_some() {
        shown.push('…');
    }
    shown
}

fn harmless(char: char) -> char {
    if char.is_control() { '·' } else { char }
}

/// A time in seconds: `3s`, `0.25s`.
pub fn seconds(time: Duration) -> String {
    let digits = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}s")
}

/// A list of numbers: `1`, `1 and 2`, `1, 2 and 3`.
pub fn listed(numbers: &[usize]) -> String {
    let words: Vec<_> = numbers.iter().map(usize::to_string).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
