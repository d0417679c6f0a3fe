//! The example run as its user runs it: from a script, and in a terminal.

mod scripts;
#[cfg(unix)]
mod terminal;

/// The example's binary.
const EXAMPLE: &str = env!("CARGO_BIN_EXE_forwith-example-by-hand");
