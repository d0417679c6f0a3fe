//! Code that must work although the compiler warns of it.

use std::process::Command;

use crate::compiler;

#[test]
fn hidden_labels_keep_their_jumps() {
    let program = compiler::program("tests/ui/warned/hidden-labels.rs");
    assert!(Command::new(program).status().unwrap().success());
}
