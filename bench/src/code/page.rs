//! The page about what a use costs.

use std::fs;

use super::builds::Builds;
use super::table::{Row, beside_twins, with_both_macros};
use crate::guard::{made_with, path};

const FILE: &str = "code.md";

/// The text around the tables, with names for what is measured.
const TEXT: &str = include_str!("templates/page.md");

/// What the page tells.
pub struct Page {
    pub code: Vec<Row>,
    pub builds: Builds,
}

impl Page {
    /// The tables alone.
    pub fn tables(&self) -> String {
        format!("{}\n{}", self.twins(), self.macros())
    }

    /// Writes the page.
    pub fn write(&self) -> Result<(), String> {
        let text = self.text(&made_with()?);
        fs::write(path(FILE), text).map_err(|error| format!("{FILE}: {error}"))
    }

    fn text(&self, compiler: &str) -> String {
        let Builds {
            macros,
            fast_macros,
            ..
        } = &self.builds;
        let pays = macros.checks_to_pay(fast_macros).map_or_else(
            || "Here that saves nothing.".into(),
            |checks| format!("Here that is paid for after about {checks} checks."),
        );
        let parts = [
            ("$compiler", compiler),
            ("$twins\n", &self.twins()),
            ("$macros\n", &self.macros()),
            ("$pays", &pays),
        ];
        let fill = |text: String, (name, part): (&str, &str)| text.replace(name, part);
        parts.into_iter().fold(TEXT.to_owned(), fill)
    }

    fn twins(&self) -> String {
        let Builds { whole, macros, .. } = &self.builds;
        beside_twins(self.code.iter().chain(whole).chain(macros.rows()))
    }

    fn macros(&self) -> String {
        let Builds {
            macros,
            fast_macros,
            ..
        } = &self.builds;
        with_both_macros(macros.rows(), fast_macros.rows())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::builds::Macros;
    use crate::code::table::{Amount, Goal};

    fn row(what: &'static str, seconds: f64) -> Row {
        Row {
            what,
            ours: Amount::Seconds(seconds),
            by_hand: Some(Amount::Seconds(1.0)),
            goal: Goal::Times(1.5),
        }
    }

    fn macros(check: f64, first: f64) -> Macros {
        Macros {
            check: row("check", check),
            expansion: row("expansion", 0.5),
            first: row("first", first),
        }
    }

    fn page(fast_check: f64) -> Page {
        Page {
            code: vec![row("bytes", 2.0)],
            builds: Builds {
                whole: vec![row("whole", 3.0)],
                macros: macros(2.0, 10.0),
                fast_macros: macros(fast_check, 30.0),
            },
        }
    }

    #[test]
    fn page_tells_all_that_is_measured() {
        let text = page(1.0).text("rustc 1.95");
        assert!(!text.contains('$'), "{text}");
        for part in [
            " are of rustc 1.95",
            "\n| bytes | 2.00 s |",
            "\n| whole | 3.00 s |",
            "\n| check | 2.00 s | 1.00 s |\n",
            "paid for after about 20 checks",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }

    #[test]
    fn page_has_its_text() {
        let page = fs::read_to_string(path(FILE)).unwrap();
        let has_no_figures = |line: &&str| !line.contains('$');
        for line in TEXT.lines().filter(has_no_figures) {
            assert!(page.lines().any(|written| written == line), "{line}");
        }
    }

    #[test]
    fn macros_that_save_nothing_are_told() {
        assert!(page(2.0).text("rustc 1.95").contains("that saves nothing."));
    }
}
