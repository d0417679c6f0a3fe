//! As much of JSON as the format needs: objects of texts and numbers.

use std::fmt::{self, Write};
use std::time::Duration;

/// An object that is written field by field.
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Self {
        Object("{".to_owned())
    }

    pub(super) fn text(mut self, key: &str, text: &str) -> Self {
        self.key(key);
        push_text(&mut self.0, text);
        self
    }

    pub(super) fn number(self, key: &str, number: u64) -> Self {
        self.value(key, format_args!("{number}"))
    }

    /// The unit of the format is the microsecond; fractions are allowed.
    pub(super) fn micros(self, key: &str, duration: Duration) -> Self {
        let (micros, nanos) = (duration.as_micros(), duration.subsec_nanos() % 1_000);
        match nanos {
            0 => self.value(key, format_args!("{micros}")),
            _ => self.value(key, format_args!("{micros}.{nanos:03}")),
        }
    }

    pub(super) fn object(self, key: &str, object: &Object) -> Self {
        self.value(key, format_args!("{object}"))
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_text(&mut self.0, key);
        self.0.push(':');
    }

    fn value(mut self, key: &str, value: fmt::Arguments<'_>) -> Self {
        self.key(key);
        let written = self.0.write_fmt(value);
        written.expect("a string takes all that is written");
        self
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}}}", self.0)
    }
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\0'..='\u{1f}' => {
                let code = u32::from(char);
                let written = write!(out, "\\u{code:04x}");
                written.expect("a string takes all that is written");
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let object = Object::new().text("a\"b", "c\\d\ne\u{1b}f\u{7f}ü");
        let expected = "{\"a\\\"b\":\"c\\\\d\\ne\\u001bf\u{7f}ü\"}";
        assert_eq!(object.to_string(), expected);
    }

    #[test]
    fn times_are_exact() {
        let micros = |nanos| {
            let object = Object::new().micros("ts", Duration::from_nanos(nanos));
            object.to_string()
        };
        assert_eq!(micros(0), "{\"ts\":0}");
        assert_eq!(micros(1_002_003), "{\"ts\":1002.003}");
        assert_eq!(micros(2_000), "{\"ts\":2}");
    }

    #[test]
    fn objects_have_fields_and_objects() {
        let inner = Object::new().number("n", 3);
        let outer = Object::new().text("name", "x").object("args", &inner);
        assert_eq!(outer.to_string(), r#"{"name":"x","args":{"n":3}}"#);
    }
}
