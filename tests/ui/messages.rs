//! Removes from the compiler's messages what depends on other files or on the machine.

use std::fmt::Write as _;

/// The messages about a case, without line numbers in other files and without the paths of the
/// standard library and of cargo's registry.
pub fn stable(messages: &str, case: &str) -> String {
    let mut stable = String::new();
    for message in messages.split("\n\n") {
        if is_summary(message) {
            continue;
        }
        if !stable.is_empty() {
            stable.push('\n');
        }
        Message::new(message, case).write(&mut stable);
    }
    stable
}

/// Whether this only counts errors, or refers to explanations.
fn is_summary(message: &str) -> bool {
    let message = message.trim();
    [
        "error: aborting",
        "Some errors have",
        "For more information",
    ]
    .iter()
    .any(|start| message.starts_with(start))
        || message.is_empty()
        || message.ends_with("emitted")
}

/// Whether the line names the file that has the full name of a type.
fn is_about_long_type(line: &str) -> bool {
    line.contains("= note: the full name for the type has been written to")
        || line.contains("= note: consider using `--verbose` to print the full type name")
}

/// A message of the compiler.
struct Message<'a> {
    lines: Vec<Line<'a>>,
}

/// A line of a message.
struct Line<'a> {
    /// The line number in front of quoted code, if the code is in the case.
    number: &'a str,
    /// Whether the line has a margin for such a number.
    has_margin: bool,
    text: String,
}

impl<'a> Message<'a> {
    fn new(message: &'a str, case: &str) -> Self {
        let arrow = message.lines().find_map(|line| line.find("--> "));
        let margin = arrow.unwrap_or(0);
        let mut in_case = true;
        let lines = message.lines().filter(|line| !is_about_long_type(line));
        let lines = lines.map(|line| {
            if let Some(place) = place(line) {
                in_case = place.starts_with(case);
            }
            Line::new(line, margin, in_case)
        });
        Message {
            lines: lines.collect(),
        }
    }

    fn write(&self, output: &mut String) {
        let width = self.lines.iter().map(|line| line.number.len()).max();
        let width = width.unwrap_or(0).max(1);
        for line in &self.lines {
            if line.has_margin {
                let _ = write!(output, "{:>width$}", line.number);
            }
            *output += &line.text;
            output.push('\n');
        }
    }
}

impl<'a> Line<'a> {
    fn new(line: &'a str, margin: usize, in_case: bool) -> Self {
        let is_margin = |char: char| char == ' ' || char.is_ascii_digit();
        let split = line.split_at_checked(margin);
        let Some((number, text)) = split.filter(|(front, _)| front.chars().all(is_margin)) else {
            return Line {
                number: "",
                has_margin: false,
                text: line.to_owned(),
            };
        };
        Line {
            number: if in_case { number.trim() } else { "" },
            has_margin: true,
            text: place(text).filter(|_| !in_case).map_or_else(
                || text.to_owned(),
                |place| text.replace(place, &stable_file(place)),
            ),
        }
    }
}

/// The place that a line of a message points to: file, line and column.
fn place(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("--> ")
        .or_else(|| line.strip_prefix("::: "))
}

/// The file of a place, without the path of the standard library or of cargo's registry.
fn stable_file(place: &str) -> String {
    let file = place.split(':').next().unwrap_or(place);
    if let Some((_, in_library)) = file.split_once("/library/") {
        return format!("$RUST/{in_library}");
    }
    if let Some((_, in_registry)) = file.split_once("/registry/src/") {
        let mut folders = in_registry.splitn(3, '/').skip(1);
        let package = folders.next().unwrap_or_default();
        let (name, _version) = package.rsplit_once('-').unwrap_or((package, ""));
        return format!("$CARGO/{name}/{}", folders.next().unwrap_or_default());
    }
    file.to_owned()
}
