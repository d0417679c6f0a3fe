//! Texts as they are shown.

use std::time::Duration;

/// The most that is shown of what was typed.
const WIDEST: usize = 30;

/// What was typed, cut where it is long, with nothing in it that a terminal obeys.
pub fn quoted(typed: &str) -> String {
    format!("`{}`", shown(typed, WIDEST))
}

/// One line of at most so many characters.
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

/// A time as people write it: `3s`, `0.25s`.
pub fn seconds(time: Duration) -> String {
    let digits = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}s")
}

/// `1`, `1 and 2`, `1, 2 and 3`.
pub fn listed(numbers: &[usize]) -> String {
    let words: Vec<_> = numbers.iter().map(usize::to_string).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
