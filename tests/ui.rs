//! Misuse is told on the user's own tokens, and what is right compiles and runs.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the messages anew; read them before you keep them.

#[test]
fn misuse_is_told_well() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn right_use_compiles_and_runs() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
