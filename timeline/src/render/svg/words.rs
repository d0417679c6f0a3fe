//! Text in a picture: how wide it is, and what may stand in it.

use std::fmt;

use crate::render::readable::is_unprintable;

/// Text that is fit to stand in a picture.
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

/// How wide a text of this size gets at most, in the common fonts without serifs.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    text.chars().map(width_of_char).sum::<f64>() * size
}

/// In units of the size. The widest of the common fonts, `DejaVu Sans`, has been measured.
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
        // They have not been measured one by one: few fonts have them all.
        '\u{2e3a}' | '\u{2e3b}' | '\u{12000}'..='\u{1254f}' => 3.0,
        '\u{fdfa}'..='\u{fdfd}' => 12.0,
        '\u{180}'..='\u{24f}' | '\u{1f000}'.. => 1.43,
        _ => 1.2,
    }
}

/// As much of a text as fits, if enough of it does for a reader to know it by.
pub(super) fn fit(text: &str, size: f64, room: f64) -> Option<String> {
    if width_of(text, size) <= room {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let mut left = room - width_of_char('…') * size;
    let mut short: String = text
        .chars()
        .take_while(|char| {
            left -= width_of_char(*char) * size;
            left >= 0.0
        })
        .collect();
    short.truncate(short.trim_end().len());
    (short.chars().count() >= 5).then(|| short + "…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_the_text() {
        let escaped = Escaped("<b a=\"1\">&\u{1b}\u{202e}\nü").to_string();
        assert_eq!(escaped, "&lt;b a=&quot;1&quot;&gt;&amp;···ü");
    }

    #[test]
    fn a_text_is_whole_or_short_or_left_out() {
        assert_eq!(fit("set_key cow", 10.0, 100.0).unwrap(), "set_key cow");
        assert_eq!(fit("set_key cow", 10.0, 60.0).unwrap(), "set_key…");
        assert_eq!(fit("set_key cow", 10.0, 30.0), None);
        assert_eq!(fit("", 10.0, 30.0), None);
    }
}
