//! What builds take: the CPU time of a package with many uses, without its dependencies.

use std::fs;

use super::generate::{Package, SIDES, Shape, Side};
use super::table::{Amount, Goal, Row};
use super::workspace::{Profile, Task, Workspace};

/// The number of uses.
const MANY: usize = 200;
/// The number of uses in a package that is built for its dependencies.
const FEW: usize = 20;

/// What a first build of forwith took before its macros became smaller.
const FIRST_BUILD: f64 = 11.3;

const DEBUG: Task = Task::Build(Profile::Dev);
const RELEASE: Task = Task::Build(Profile::Release);

/// The packages that are built, beside those for the machine code.
pub fn packages() -> impl Iterator<Item = Package> {
    SIDES
        .into_iter()
        .flat_map(|side| [package(side, FEW), package(side, MANY)])
}

fn package(side: Side, uses: usize) -> Package {
    let shape = Shape::Plain;
    Package { shape, side, uses }
}

/// What builds take.
pub struct Builds {
    /// What does not depend much on how fast the macros are.
    pub whole: Vec<Row>,
    /// What does.
    pub macros: Macros,
    /// What it takes with macros that are optimised.
    pub fast_macros: Macros,
}

/// What depends on how fast the macros are.
pub struct Macros {
    pub check: Row,
    pub expansion: Row,
    pub first: Row,
}

/// Measures all builds.
pub fn measure(workspace: &Workspace) -> Result<Builds, String> {
    make_dependencies(workspace, &[RELEASE, DEBUG, Task::Check])?;
    let whole = vec![
        twins("CPU of a release build", Goal::Times(1.7), 2, |package| {
            workspace.make_again(package, RELEASE)
        })?,
        twins("CPU of a debug build", Goal::Times(1.5), 2, |package| {
            workspace.make_anew(package, DEBUG)
        })?,
        Row {
            what: "debug program",
            ours: size(workspace, Side::Ours)?,
            by_hand: Some(size(workspace, Side::ByHand)?),
            goal: Goal::Times(1.7),
        },
        twins("CPU of a first check", Goal::Times(1.4), 3, |package| {
            workspace.make_anew(package, Task::Check)
        })?,
    ];
    Ok(Builds {
        whole,
        macros: measure_macros(workspace)?,
        fast_macros: measure_macros(&workspace.with_fast_macros())?,
    })
}

fn measure_macros(workspace: &Workspace) -> Result<Macros, String> {
    make_dependencies(workspace, &[Task::Check])?;
    // Fills the notes of the incremental compiler.
    for side in SIDES {
        workspace.make(package(side, MANY), Task::Check)?;
    }
    let check = twins(
        "CPU of a check after a change",
        Goal::Times(1.4),
        9,
        |package| workspace.make_again(package, Task::Check),
    )?;
    let expansion = twins("expansion in it", Goal::Above(0.4), 9, |package| {
        workspace.expand(package)
    })?;
    eprintln!("measures a first build of forwith");
    let first = Row {
        what: "CPU of a first debug build of forwith alone",
        ours: Amount::Seconds(workspace.make_forwith()?.min(workspace.make_forwith()?)),
        by_hand: None,
        goal: Goal::Seconds(0.6 * FIRST_BUILD),
    };
    Ok(Macros {
        check,
        expansion,
        first,
    })
}

impl Macros {
    pub fn rows(&self) -> [&Row; 3] {
        [&self.check, &self.expansion, &self.first]
    }

    /// The number of checks after which faster macros have paid for their own longer build. In
    /// tens, since a check saves little.
    pub fn checks_to_pay(&self, fast: &Macros) -> Option<f64> {
        let saved = self.check.ours.number() - fast.check.ours.number();
        let paid = fast.first.ours.number() - self.first.ours.number();
        (saved > 0.0).then(|| 10.0 * (paid / saved / 10.0).ceil())
    }
}

/// Builds what the packages depend on, so that the builds that are measured need not.
fn make_dependencies(workspace: &Workspace, tasks: &[Task]) -> Result<(), String> {
    for side in SIDES {
        for task in tasks {
            workspace.make(package(side, FEW), *task)?;
        }
    }
    Ok(())
}

/// Measures ours and its twin in turn. The least seconds count: other programs only add to them.
fn twins(
    what: &'static str,
    goal: Goal,
    times: usize,
    seconds: impl Fn(Package) -> Result<f64, String>,
) -> Result<Row, String> {
    eprintln!("measures {what}");
    let [mut ours, mut by_hand] = [f64::INFINITY; 2];
    for _ in 0..times {
        ours = ours.min(seconds(package(Side::Ours, MANY))?);
        by_hand = by_hand.min(seconds(package(Side::ByHand, MANY))?);
    }
    Ok(Row {
        what,
        ours: Amount::Seconds(ours),
        by_hand: Some(Amount::Seconds(by_hand)),
        goal,
    })
}

fn size(workspace: &Workspace, side: Side) -> Result<Amount, String> {
    let program = workspace.program(package(side, MANY), Profile::Dev);
    let read = fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(Amount::Bytes(read.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn macros(check: f64, first: f64) -> Macros {
        let row = |seconds| Row {
            what: "",
            ours: Amount::Seconds(seconds),
            by_hand: None,
            goal: Goal::Seconds(0.0),
        };
        Macros {
            check: row(check),
            expansion: row(0.0),
            first: row(first),
        }
    }

    #[test]
    fn fast_macros_pay_after_some_checks() {
        let slow = macros(1.0, 10.0);
        assert_eq!(slow.checks_to_pay(&macros(0.75, 31.0)), Some(90.0));
        assert_eq!(slow.checks_to_pay(&macros(1.0, 31.0)), None);
    }
}
