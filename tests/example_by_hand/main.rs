//! The example in which the reader is the scheduler, run as its user runs it: from a script, and in a terminal.

#[path = "../common/example.rs"]
mod example;
mod scripts;
#[cfg(unix)]
mod terminal;

use std::sync::LazyLock;

/// The example's binary, up to date.
static EXAMPLE: LazyLock<String> = LazyLock::new(|| example::build("by_hand"));
