//! What a use of the macros costs in machine code and in build time, beside its twin by hand.
//!
//! From the ground up: [`generate`] writes programs with so many uses, [`workspace`] builds them,
//! [`sections`] and [`cpu`] measure, [`machine_code`] and [`builds`] compare the twins,
//! [`table`] shows it, and [`recorded`] holds the machine code.
//!
//! The machine code of a use is what a program with 60 uses has more than one with 20, in 40ths:
//! what uses share does not count. Each is behind a `Box<dyn Future>`, as a task or a handler is,
//! so that none is inlined into another.

mod builds;
mod cpu;
mod generate;
mod machine_code;
mod recorded;
mod sections;
mod table;
mod workspace;

use machine_code::Twins;
use table::{Row, table};
use workspace::Workspace;

/// Measures everything, and prints the table.
pub fn measure() -> Result<(), String> {
    let workspace = workspace()?;
    let mut rows = machine_code_rows(&machine_code::measure(&workspace)?);
    rows.extend(builds::measure(&workspace)?);
    print!("{}", table(&rows));
    Ok(())
}

/// Measures the machine code, prints it, and fails if a use has grown.
pub fn check() -> Result<(), String> {
    recorded::check(&machine_code()?)
}

/// Measures the machine code, prints it, and writes the file of sizes anew.
pub fn update() -> Result<(), String> {
    recorded::update(&machine_code()?)
}

fn machine_code() -> Result<Vec<Twins>, String> {
    let measured = machine_code::measure(&workspace()?)?;
    print!("{}", table(&machine_code_rows(&measured)));
    Ok(measured)
}

fn machine_code_rows(measured: &[Twins]) -> Vec<Row> {
    measured.iter().map(Twins::row).collect()
}

fn workspace() -> Result<Workspace, String> {
    Workspace::write(machine_code::packages().chain(builds::packages()))
}
