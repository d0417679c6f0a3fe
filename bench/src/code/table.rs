//! The table of what a use costs, beside its twin by hand.

use std::fmt::{self, Write as _};

use super::sections::Code;

/// What is measured of a program, or of a build.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// Machine code of a use.
    Code(Code),
    Seconds(f64),
    Bytes(u64),
}

/// The most that ours should take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// So many times as much as by hand.
    Times(f64),
    /// So many seconds more than by hand.
    Above(f64),
    /// So many seconds.
    Seconds(f64),
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub what: &'static str,
    pub ours: Amount,
    /// Nothing, if there is no twin.
    pub by_hand: Option<Amount>,
    pub goal: Goal,
}

impl Amount {
    #[expect(clippy::cast_precision_loss, reason = "no program is as large")]
    pub fn number(self) -> f64 {
        match self {
            Amount::Code(code) => code.sum(),
            Amount::Seconds(seconds) => seconds,
            Amount::Bytes(bytes) => bytes as f64,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Code(code) => write!(f, "{code}"),
            Amount::Seconds(seconds) => write!(f, "{seconds:.2} s"),
            Amount::Bytes(_) => write!(f, "{:.1} MB", self.number() / 1e6),
        }
    }
}

impl Row {
    /// Ours against the twin, in the form that the goal has.
    fn compared(&self) -> Option<String> {
        let (ours, by_hand) = (self.ours.number(), self.by_hand?.number());
        Some(match self.goal {
            Goal::Above(_) => format!("+{:.2} s", ours - by_hand),
            Goal::Times(_) | Goal::Seconds(_) => format!("{:.2}", ours / by_hand),
        })
    }

    fn is_reached(&self) -> bool {
        let ours = self.ours.number();
        let by_hand = self.by_hand.map_or(f64::NAN, Amount::number);
        match self.goal {
            Goal::Times(most) => ours / by_hand <= most,
            Goal::Above(most) => ours - by_hand <= most,
            Goal::Seconds(most) => ours <= most,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_hand = self
            .by_hand
            .map_or_else(String::new, |amount| amount.to_string());
        let ratio = self.compared().unwrap_or_default();
        let goal = match self.goal {
            Goal::Times(most) => format!("{most}"),
            Goal::Above(most) => format!("+{most} s"),
            Goal::Seconds(most) => format!("{most} s"),
        };
        let reached = if self.is_reached() { "yes" } else { "no" };
        let Row { what, ours, .. } = self;
        write!(
            f,
            "| {what} | {ours} | {by_hand} | {ratio} | {goal} | {reached} |"
        )
    }
}

/// Writes rows beside their twins, in the form of Markdown.
pub fn beside_twins<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut table = String::from(
        "| what | ours | by hand | ratio | at most | reached |\n|---|--:|--:|--:|--:|---|\n",
    );
    for row in rows {
        writeln!(table, "{row}").expect("strings take all");
    }
    table
}

/// Writes ours of rows that were measured twice: with macros as cargo builds them, and optimised.
pub fn with_both_macros(slow: [&Row; 3], fast: [&Row; 3]) -> String {
    let mut table = String::from("| ours | default | optimised macros |\n|---|--:|--:|\n");
    for (Row { what, ours, .. }, fast) in slow.into_iter().zip(fast) {
        writeln!(table, "| {what} | {ours} | {} |", fast.ours).expect("strings take all");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ours: f64, by_hand: Option<f64>, goal: Goal) -> Row {
        Row {
            what: "check",
            ours: Amount::Seconds(ours),
            by_hand: by_hand.map(Amount::Seconds),
            goal,
        }
    }

    #[test]
    fn goals_are_times_or_seconds() {
        let times = Goal::Times(1.5);
        assert_eq!(
            row(3.0, Some(2.0), times).to_string(),
            "| check | 3.00 s | 2.00 s | 1.50 | 1.5 | yes |"
        );
        assert!(!row(3.1, Some(2.0), times).is_reached());
        assert_eq!(
            row(0.5, Some(0.1), Goal::Above(0.4)).to_string(),
            "| check | 0.50 s | 0.10 s | +0.40 s | +0.4 s | yes |"
        );
        assert!(!row(0.6, Some(0.1), Goal::Above(0.4)).is_reached());
    }

    #[test]
    fn row_without_a_twin_has_no_ratio() {
        assert_eq!(
            row(7.0, None, Goal::Seconds(6.5)).to_string(),
            "| check | 7.00 s |  |  | 6.5 s | no |"
        );
    }

    #[test]
    fn code_is_compared_by_its_sum() {
        let code = |text, tables| Amount::Code(Code { text, tables });
        let row = Row {
            what: "code",
            ours: code(250.0, 50.0),
            by_hand: Some(code(160.0, 40.0)),
            goal: Goal::Times(1.6),
        };
        let expected = "| code | 300 = 250 + 50 | 200 = 160 + 40 | 1.50 | 1.6 | yes |";
        assert_eq!(beside_twins(&[row]).lines().last(), Some(expected));
    }

    #[test]
    fn rows_are_shown_with_both_macros() {
        let slow = row(0.75, Some(0.5), Goal::Times(1.5));
        let fast = row(0.25, Some(0.5), Goal::Times(1.5));
        let table = with_both_macros([&slow; 3], [&fast; 3]);
        assert_eq!(table.lines().last(), Some("| check | 0.75 s | 0.25 s |"));
    }

    #[test]
    fn bytes_are_shown_as_megabytes() {
        assert_eq!(Amount::Bytes(12_345_678).to_string(), "12.3 MB");
    }
}
