//! What a use of the macros costs in machine code and in build time, beside its twin by hand.
//!
//! From the ground up: [`generate`] writes programs with so many uses, [`workspace`] builds them,
//! [`sections`] and [`cpu`] measure, [`machine_code`] and [`builds`] compare the twins, [`table`]
//! shows it, [`page`] tells it, and [`recorded`] holds the machine code.
//!
//! The machine code of a use is what a program with 60 uses has more than one with 20, in 40ths:
//! what uses share does not count. Each is behind a `Box<dyn Future>`, as a task or a handler is,
//! so that none is inlined into another. Each future has a size of its own, so that the optimiser
//! does not merge their destructors: it did with those by hand, a sixth of their code.

mod builds;
mod cpu;
mod generate;
mod machine_code;
mod page;
mod recorded;
mod sections;
mod table;
mod workspace;

use machine_code::Twins;
use page::Page;
use table::{Row, beside_twins};
use workspace::Workspace;

/// Measures everything, and prints it.
pub fn measure() -> Result<(), String> {
    print!("{}", everything()?.tables());
    Ok(())
}

/// Measures everything, prints it, and writes the page of it anew.
pub fn report() -> Result<(), String> {
    let page = everything()?;
    print!("{}", page.tables());
    page.write()
}

/// Measures the machine code, prints it, and fails if a use has grown.
pub fn check() -> Result<(), String> {
    recorded::check(&measured_code()?)
}

/// Measures the machine code, prints it, and writes the file of sizes anew.
pub fn update() -> Result<(), String> {
    recorded::update(&measured_code()?)
}

fn everything() -> Result<Page, String> {
    let workspace = written()?;
    let code = rows(&machine_code::measure(&workspace)?);
    let builds = builds::measure(&workspace)?;
    Ok(Page { code, builds })
}

fn measured_code() -> Result<Vec<Twins>, String> {
    let measured = machine_code::measure(&written()?)?;
    print!("{}", beside_twins(&rows(&measured)));
    Ok(measured)
}

fn written() -> Result<Workspace, String> {
    Workspace::write(machine_code::packages().chain(builds::packages()))
}

fn rows(measured: &[Twins]) -> Vec<Row> {
    measured.iter().map(Twins::row).collect()
}
