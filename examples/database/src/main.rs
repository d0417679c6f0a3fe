//! The worked example's program; what it does is described in `lib.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    forwith_example_database::main()
}
