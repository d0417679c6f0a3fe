//! Texts in a picture: their width, and their escaping.

use std::fmt;

use crate::render::readable::is_unprintable;

/// The highest length of a text that the mouse shows.
pub(super) const LONGEST_TITLE: usize = 120;

/// A text, escaped for XML.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                _ if is_unprintable(char) => f.write_str("·")?,
                _ => write!(f, "{char}")?,
            }
        }
        Ok(())
    }
}

/// The width of a text of this size, in the widest of the common fonts without serifs.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    text.chars().map(width_of_char).sum::<f64>() * size
}

/// The width of a character, in units of the size. Measured in `DejaVu Sans`, the widest font.
fn width_of_char(char: char) -> f64 {
    match char {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.36,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' | '"' | '!' => 0.46,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        'A'..='Z' | '#' | '&' | '+' | '=' | '<' | '>' | '~' | '^' => 0.84,
        '\0'..='\u{7f}' => 0.64,
        'æ' | 'œ' => 1.03,
        'ß'..='ſ' if char.is_lowercase() => 0.83,
        '\u{80}'..='\u{17f}' => 1.08,
        // These are estimates: few fonts have all of them.
        '\u{2e3a}' | '\u{2e3b}' | '\u{12000}'..='\u{1254f}' => 3.0,
        '\u{fdfa}'..='\u{fdfd}' => 12.0,
        '\u{180}'..='\u{24f}' | '\u{1f000}'.. => 1.43,
        _ => 1.2,
    }
}

/// Shortens a text to the room, if at least five characters fit.
pub(super) fn fit(text: &str, size: f64, room: f64) -> Option<String> {
    if width_of(text, size) <= room {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let mut remaining = room - width_of_char('…') * size;
    let mut short: String = text
        .chars()
        .take_while(|char| {
            remaining -= width_of_char(*char) * size;
            remaining >= 0.0
        })
        .collect();
    short.truncate(short.trim_end().len());
    (short.chars().count() >= 5).then(|| short + "…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let escaped = Escaped("<b a=\"1\">&\u{1b}\u{202e}\nü").to_string();
        assert_eq!(escaped, "&lt;b a=&quot;1&quot;&gt;&amp;···ü");
    }

    #[test]
    fn a_text_is_whole_or_short_or_omitted() {
        assert_eq!(fit("set_key cow", 10.0, 100.0).unwrap(), "set_key cow");
        assert_eq!(fit("set_key cow", 10.0, 60.0).unwrap(), "set_key…");
        assert_eq!(fit("set_key cow", 10.0, 30.0), None);
        assert_eq!(fit("", 10.0, 30.0), None);
    }
}
