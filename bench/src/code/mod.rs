//! What a use of the macros costs in machine code and in build time, beside its twin by hand.
//!
//! From the ground up: [`generate`] writes programs with so many uses, [`workspace`] builds them,
//! [`sections`] and [`cpu`] measure, [`machine_code`] and [`builds`] compare the twins, and
//! [`table`] shows it.
//!
//! The machine code of a use is what a program with 60 uses has more than one with 20, in 40ths:
//! what uses share does not count. Each is behind a `Box<dyn Future>`, as a task or a handler is,
//! so that none is inlined into another.

mod builds;
mod cpu;
mod generate;
mod machine_code;
mod sections;
mod table;
mod workspace;

use table::Row;
use workspace::Workspace;

/// Measures everything, and prints the table.
pub fn measure() -> Result<(), String> {
    print!("{}", table::table(&rows()?));
    Ok(())
}

fn rows() -> Result<Vec<Row>, String> {
    let workspace = Workspace::write(machine_code::packages().chain(builds::packages()))?;
    let code = machine_code::measure(&workspace)?;
    let mut rows: Vec<_> = code.iter().map(machine_code::Twins::row).collect();
    rows.extend(builds::measure(&workspace)?);
    Ok(rows)
}
