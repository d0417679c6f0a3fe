//! Text in a picture: how wide it is, and what may stand in it.

use std::fmt;

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
                _ if is_forbidden(char) => f.write_str("·")?,
                _ => write!(f, "{char}")?,
            }
        }
        Ok(())
    }
}

/// What may not stand in XML, or turns the text around.
fn is_forbidden(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How wide a text of this size gets at most, in the common fonts without serifs.
pub(super) fn width_of(text: &str, size: f64) -> f64 {
    text.chars().map(width_of_char).sum::<f64>() * size
}

/// In units of the size. The widest of the common fonts, `DejaVu Sans`, has been measured.
fn width_of_char(char: char) -> f64 {
    match char {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.36,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 0.46,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        'A'..='Z' | '#' | '&' | '+' | '=' | '<' | '>' | '~' => 0.84,
        '\0'..='\u{24f}' => 0.64,
        _ => 1.0,
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
